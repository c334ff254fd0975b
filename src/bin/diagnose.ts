import { stringify } from 'yaml';
import { writeTarGz } from '../adapters/archive/tar-gz.ts';
import { DaemonEvidence } from '../adapters/daemons/daemon-evidence.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { systemRandom } from '../adapters/system/system-random.ts';
import { Diagnosis } from '../app/diagnose/diagnosis.ts';
import { SourceEvidence } from '../app/diagnose/source-evidence.ts';
import { grouped } from '../app/diagnose/summary.ts';
import type { DiagnoseConfig } from '../config/options/diagnose.ts';
import { programVersion, runtimeOfProcess } from '../config/process.ts';
import type { Evidence } from '../ports/evidence.ts';
import { openSource } from './open-source.ts';
import { type Outcome, refusal, SOURCE_UNREADABLE } from './outcome.ts';
import { errorText } from '../core/error-text.ts';

/** A source that does not answer for so long is away, however long the user waits for the rest. */
const FIRST_ANSWER_MS = 10_000;

/** `vippool diagnose` */
export async function runDiagnose(config: DiagnoseConfig): Promise<Outcome> {
  const startedAt = systemClock.wallNow();
  const path = config.file ?? `vippool-diagnose-${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.tar.gz`;
  const evidence = await evidenceFor(config);
  const facts = [
    { what: 'this program', value: `vippool ${programVersion()}, ${runtimeOfProcess()}` },
    { what: 'source', value: sourceText(config) },
  ];
  const diagnosis = new Diagnosis({ evidence, clock: systemClock, facts, format: (value) => stringify(value) });
  const end = new AbortController();
  const cancel = systemClock.after(config.timeoutMs, () => end.abort());
  try {
    const isWorthIt = (): boolean => diagnosis.found > 0;
    const bytes = await writeTarGz(diagnosis.files(end.signal), { path, modifiedAt: startedAt, isWorthIt });
    const missing = grouped(diagnosis.missing);
    if (diagnosis.found === 0) return { ...refusal(missing), exitCode: SOURCE_UNREADABLE };
    const output = [
      `${path} (${Math.ceil(bytes / 1_024)} KiB): summary.txt in it is to be read first.`,
      'Secrets were removed as far as they can be told; look through it before you give it to somebody.',
      ...(missing.length > 0 ? ['Could not be collected:', ...missing.map((line) => `  ${line}`)] : []),
    ];
    return { exitCode: 0, output: `${output.join('\n')}\n` };
  } catch (error) {
    return refusal([errorText(error)]);
  } finally {
    cancel();
    await Promise.all(evidence.map((item) => item.close()));
  }
}

async function evidenceFor(config: DiagnoseConfig): Promise<readonly Evidence[]> {
  const { kubeconfig, namespace, sinceMs, ask: addresses = [], logs = [], timeoutMs } = config;
  const daemons = new DaemonEvidence({ addresses, logs });
  switch (config.source.kind) {
    case 'kubernetes': {
      const { KubeEvidence } = await import('../adapters/kube/kube-evidence.ts');
      const { KubeconfigAccess } = await import('../adapters/kube/cluster-access.ts');
      const cluster = new KubeconfigAccess(kubeconfig === undefined ? {} : { path: kubeconfig });
      return [new KubeEvidence({ cluster, namespace, sinceMs }), daemons];
    }
    case 'directory': {
      const source = await openSource(config, { clock: systemClock, random: systemRandom });
      return [new SourceEvidence(source, systemClock, Math.min(timeoutMs, FIRST_ANSWER_MS)), daemons];
    }
  }
}

const sourceText = ({ source }: DiagnoseConfig): string =>
  source.kind === 'directory' ? `directory ${source.path}` : 'Kubernetes';
