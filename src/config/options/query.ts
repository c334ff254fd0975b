import type { VipAddress } from '../../core/ids.ts';
import { text, type OptionTable } from '../option.ts';
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
