import type { NodeName, PoolName, VipAddress } from '../../core/ids.ts';
import { absent, text, type Contradiction, type OptionTable } from '../option.ts';
import { aKubeName, aPoolName } from '../values/names.ts';
import { aSwitch, duration, oneOf } from '../values/scalars.ts';
import type { ValueType } from '../values/value-type.ts';
import { STATUS, type StatusConfig } from './query.ts';
import { sourceContradictions } from './source.ts';

/** What the commands are told that change something and wait until it is done. `timeoutMs` is for all of it. */
export interface TaskConfig extends StatusConfig {
  readonly dryRun: boolean;
  readonly noWait: boolean;
}

export interface MoveConfig extends TaskConfig {
  readonly address: VipAddress;
  readonly node: NodeName;
}

export interface FailbackConfig extends TaskConfig {
  /** Undefined: every VIP, or those of the pool. */
  readonly address: VipAddress | undefined;
  readonly pool: PoolName | undefined;
}

export interface DrainConfig extends TaskConfig {
  readonly node: NodeName;
}

export interface UndrainConfig extends StatusConfig {
  readonly node: NodeName;
}

/** Only in Kubernetes pools have a finalizer. */
export interface UnprotectConfig {
  readonly kubeconfig: string | undefined;
  /** Where pods are looked for; undefined: everywhere. */
  readonly namespace: string | undefined;
  readonly timeoutMs: number;
}

export interface CompletionConfig {
  readonly shell: 'bash' | 'zsh' | 'fish';
}

export const aShell: ValueType<CompletionConfig['shell']> = oneOf(['bash', 'zsh', 'fish']);

export const TASK: OptionTable<TaskConfig> = {
  ...STATUS,
  timeoutMs: {
    flag: 'timeout',
    type: duration({ minMs: 100, maxMs: 3_600_000 }),
    default: text('1m'),
    meaning: 'How long to wait until it is done. What has begun goes on afterwards.',
  },
  dryRun: {
    flag: 'dry-run',
    type: aSwitch,
    default: text('false'),
    meaning: 'Tells what would happen, and changes nothing.',
  },
  noWait: {
    flag: 'no-wait',
    type: aSwitch,
    default: text('false'),
    meaning: 'Returns as soon as it is on record, and does not wait for the result.',
  },
};

export const FAILBACK: OptionTable<Omit<FailbackConfig, 'address'>> = {
  ...TASK,
  pool: { flag: 'pool', type: aPoolName, default: absent('all pools'), meaning: 'Only VIPs of this pool go home.' },
};

export const DRAIN: OptionTable<Omit<DrainConfig, 'node'>> = TASK;

export const UNDRAIN: OptionTable<Omit<UndrainConfig, 'node'>> = STATUS;

export const UNPROTECT: OptionTable<UnprotectConfig> = {
  kubeconfig: { ...STATUS.kubeconfig, meaning: 'Kubeconfig file.' },
  namespace: {
    flag: 'namespace',
    short: 'n',
    type: aKubeName,
    default: absent('all namespaces'),
    meaning: 'Where to look for pods of agents and controllers. An agent that no pod runs is not seen: stop it before.',
  },
  timeoutMs: {
    flag: 'timeout',
    type: duration({ minMs: 100, maxMs: 3_600_000 }),
    default: text('1m'),
    meaning:
      'How long to wait until the last of these pods has ended. One that was told to end, and does not in its time, runs on a node that does not answer: it counts no more. Where another one stays, no pool is changed.',
  },
};

export function taskContradictions(config: Partial<TaskConfig>): readonly Contradiction[] {
  const both = config.dryRun === true && config.noWait === true;
  return [
    ...sourceContradictions(config),
    ...(both ? [{ flag: TASK.noWait.flag, message: 'has no effect with --dry-run; remove one of the two' }] : []),
  ];
}
