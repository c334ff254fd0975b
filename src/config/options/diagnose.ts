import { absent, text, type Contradiction, type OptionTable } from '../option.ts';
import { aKubeName } from '../values/names.ts';
import { targets, type SocketAddress } from '../values/network.ts';
import { duration, path, paths } from '../values/scalars.ts';
import { QUERY_SOURCE, sourceContradictions, type SourceOptions } from './source.ts';

/** Everything that `vippool diagnose` is told. */
export interface DiagnoseConfig extends SourceOptions {
  /** Undefined: a name with the time in it, in the working directory. */
  readonly file: string | undefined;
  /** Where pods are looked for; undefined: everywhere. */
  readonly namespace: string | undefined;
  /** Logs are not older. */
  readonly sinceMs: number;
  /** Controllers and agents that are asked directly. */
  readonly ask: readonly SocketAddress[] | undefined;
  /** Files that hold logs. */
  readonly logs: readonly string[] | undefined;
  /** How long things are looked for. */
  readonly timeoutMs: number;
}

export const DIAGNOSE: OptionTable<DiagnoseConfig> = {
  ...QUERY_SOURCE,
  file: {
    flag: 'file',
    short: 'f',
    type: path(),
    default: absent('vippool-diagnose-TIME.tar.gz in the working directory'),
    meaning: 'The archive to write; one that is there is replaced.',
  },
  namespace: {
    flag: 'namespace',
    short: 'n',
    type: aKubeName,
    default: absent('all namespaces'),
    meaning: 'Where to look for the pods of vippool, for whom is not allowed to look everywhere.',
  },
  sinceMs: {
    flag: 'since',
    type: duration({ minMs: 1_000, maxMs: 30 * 86_400_000 }),
    default: text('24h'),
    meaning: 'Logs of pods are not older than this.',
  },
  ask: {
    flag: 'ask',
    type: targets,
    default: absent('pods alone are asked'),
    meaning:
      'Controllers and agents that no pod runs: what they are given as --metrics-listen. They are asked for metrics and ' +
      'whether they are ready.',
  },
  logs: {
    flag: 'logs',
    type: paths,
    default: absent('logs of pods alone'),
    meaning: 'Files with logs of controllers and agents. The last 10 MiB of each are taken.',
  },
  timeoutMs: {
    flag: 'timeout',
    type: duration({ minMs: 100, maxMs: 3_600_000 }),
    default: text('2m'),
    meaning: 'How long to collect. What is not there by then is named in the summary.',
  },
};

export function diagnoseContradictions(config: Partial<DiagnoseConfig>): readonly Contradiction[] {
  const useless = config.source?.kind === 'directory' && config.namespace !== undefined;
  const message = 'has no effect with --source dir:PATH; remove one of the two';
  return [...sourceContradictions(config), ...(useless ? [{ flag: DIAGNOSE.namespace.flag, message }] : [])];
}
