import type { Clock } from '../../ports/clock.ts';
import type { Evidence, Finding } from '../../ports/evidence.ts';
import type { Source } from '../../ports/source.ts';
import { firstSnapshot } from '../status/first-snapshot.ts';
import { errorText } from '../../core/error-text.ts';

/** What a source tells, for one whose objects are not to be had in another way. */
export class SourceEvidence implements Evidence {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(source: Source, clock: Clock, timeoutMs: number) {
    this.#source = source;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async *findings(): AsyncGenerator<Finding, void, undefined> {
    try {
      const snapshot = await firstSnapshot(this.#source, this.#clock, this.#timeoutMs);
      const { pools, nodes, tasks = [] } = snapshot;
      yield { kind: 'snapshot', snapshot };
      yield { kind: 'objects', path: 'resources/vippools.yaml', objects: pools };
      yield { kind: 'objects', path: 'resources/nodehealths.yaml', objects: nodes };
      yield { kind: 'objects', path: 'resources/viptasks.yaml', objects: tasks };
    } catch (error) {
      const why = errorText(error);
      yield { kind: 'missing', what: 'pools, nodes and tasks', why };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
