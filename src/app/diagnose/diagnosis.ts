import type { Clock } from '../../ports/clock.ts';
import type { Evidence, Finding, ReportFile } from '../../ports/evidence.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { historyOf, renderHistory } from '../operate/history.ts';
import { renderStatus } from '../status/render.ts';
import { reportOf } from '../status/report.ts';
import { README } from './readme.ts';
import { redactObject, redactText } from './redact.ts';
import { type Reasoned, renderSummary } from './summary.ts';
import { errorText } from '../../core/error-text.ts';

export interface DiagnosisOptions {
  readonly evidence: readonly Evidence[];
  readonly clock: Clock;
  /** What is known before anything is looked for. */
  readonly facts: readonly { readonly what: string; readonly value: string }[];
  /** Writes an object for people. */
  readonly format: (value: unknown) => string;
}

/** All files are in one folder, so that they stay together where somebody unpacks them. */
const FOLDER = 'vippool-diagnose';

/** Gathers what evidence there is, without secrets. That something cannot be had ends nothing. */
export class Diagnosis {
  readonly #options: DiagnosisOptions;
  readonly #facts: { readonly what: string; readonly value: string }[];
  readonly #troubles: Reasoned[] = [];
  readonly #missing: Reasoned[] = [];
  #snapshot: SourceSnapshot | undefined;
  #found = 0;

  constructor(options: DiagnosisOptions) {
    this.#options = options;
    this.#facts = [...options.facts];
  }

  /** How many files tell of the system; 0: there was nothing to be had. */
  get found(): number {
    return this.#found;
  }

  get missing(): readonly Reasoned[] {
    return this.#missing;
  }

  /** Each file as soon as it is complete; the summary is the last one. */
  async *files(signal: AbortSignal): AsyncGenerator<ReportFile, void, undefined> {
    const from = this.#options.clock.wallNow();
    yield inFolder({ path: 'README.txt', text: README });
    for (const evidence of this.#options.evidence) {
      try {
        for await (const finding of evidence.findings(signal)) {
          for (const file of this.#take(finding)) yield inFolder(file);
        }
      } catch (error) {
        this.#missing.push({ what: 'the rest', why: redactText(errorText(error)) });
      }
    }
    const to = this.#options.clock.wallNow();
    const [facts, troubles, missing] = [this.#facts, this.#troubles, this.#missing];
    const summary = renderSummary({ from, to, facts, snapshot: this.#snapshot, troubles, missing });
    yield inFolder({ path: 'summary.txt', text: redactText(summary) });
  }

  #take(finding: Finding): readonly ReportFile[] {
    switch (finding.kind) {
      case 'text':
        this.#found += 1;
        return [{ path: finding.path, text: redactText(finding.text) }];
      case 'objects': {
        this.#found += 1;
        const documents = finding.objects.map((object) => this.#options.format(redactObject(object)));
        return [{ path: finding.path, text: documents.join('---\n') }];
      }
      case 'snapshot':
        this.#snapshot = finding.snapshot;
        return this.#rendered(finding.snapshot);
      case 'fact':
        this.#facts.push({ what: finding.what, value: redactText(finding.value) });
        return [];
      case 'trouble':
        this.#troubles.push(redacted(finding));
        return [];
      case 'missing':
        this.#missing.push(redacted(finding));
        return [];
    }
  }

  #rendered(snapshot: SourceSnapshot): readonly ReportFile[] {
    const now = this.#options.clock.wallNow();
    const report = reportOf(snapshot);
    const moves = historyOf(snapshot, { pool: undefined, address: undefined });
    return [
      { path: 'status.txt', text: redactText(renderStatus(report, { wide: true, now })) },
      { path: 'status.json', text: `${JSON.stringify(redactObject(report), undefined, 2)}\n` },
      { path: 'history.txt', text: redactText(renderHistory(moves, { wide: true, now })) },
    ];
  }
}

const inFolder = ({ path, text }: ReportFile): ReportFile => ({ path: `${FOLDER}/${path}`, text });

const redacted = ({ what, why }: Reasoned): Reasoned => ({ what: redactText(what), why: redactText(why) });
