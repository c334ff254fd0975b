import { absent, text, type OptionTable } from '../option.ts';
import { socketAddress, type SocketAddress } from '../values/network.ts';
import { oneOf } from '../values/scalars.ts';

/** Logs and metrics of a daemon. */
export interface ObservabilityConfig {
  /** Where metrics are served over HTTP; undefined: nowhere. */
  readonly metricsListen: SocketAddress | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
}

export const OBSERVABILITY: OptionTable<ObservabilityConfig> = {
  metricsListen: {
    flag: 'metrics-listen',
    type: socketAddress,
    default: absent('no metrics are served'),
    meaning: 'Address and port that serve Prometheus metrics at /metrics.',
  },
  logLevel: {
    flag: 'log-level',
    type: oneOf(['debug', 'info', 'warn', 'error']),
    default: text('info'),
    meaning: 'The least severe messages that are logged.',
  },
  logFormat: {
    flag: 'log-format',
    type: oneOf(['json', 'pretty']),
    default: text('json'),
    meaning: 'json: one object per line, for log collectors. pretty: for people.',
  },
};
