import type { NodeName, PoolName, VipAddress } from '../../core/ids.ts';
import { absent, required, text, type OptionTable } from '../option.ts';
import { aPoolName, nodeNames } from '../values/names.ts';
import { duration, oneOf } from '../values/scalars.ts';
import { QUERY_SOURCE, type SourceOptions } from './source.ts';

/** Everything that `vippool status` is told. */
export interface StatusConfig extends SourceOptions {
  readonly output: 'table' | 'wide' | 'json' | 'yaml';
  /** How long to wait for the source. */
  readonly timeoutMs: number;
}

/** Everything that `vippool who IP` is told. */
export interface WhoConfig extends StatusConfig {
  /** Canonical, whatever form the user typed. */
  readonly address: VipAddress;
}

/** Everything that `vippool history` is told. */
export interface HistoryConfig extends StatusConfig {
  readonly address: VipAddress | undefined;
  readonly pool: PoolName | undefined;
}

/** Everything that `vippool simulate` is told. */
export interface SimulateConfig extends StatusConfig {
  readonly fail: readonly NodeName[];
}

export const STATUS: OptionTable<StatusConfig> = {
  ...QUERY_SOURCE,
  output: {
    flag: 'output',
    short: 'o',
    type: oneOf(['table', 'wide', 'json', 'yaml']),
    default: text('table'),
    meaning: 'table and wide are for people; json and yaml keep their field names from release to release.',
  },
  timeoutMs: {
    flag: 'timeout',
    type: duration({ minMs: 100, maxMs: 600_000 }),
    default: text('10s'),
    meaning: 'How long to wait for the source before giving up.',
  },
};

export const HISTORY: OptionTable<Omit<HistoryConfig, 'address'>> = {
  ...STATUS,
  pool: { flag: 'pool', type: aPoolName, default: absent('all pools'), meaning: 'Only the moves in this pool.' },
};

export const SIMULATE: OptionTable<SimulateConfig> = {
  ...STATUS,
  fail: { flag: 'fail', type: nodeNames, default: required, meaning: 'The nodes that fail, all at once.' },
};
