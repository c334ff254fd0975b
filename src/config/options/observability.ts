import { absent, text, type OptionTable } from '../option.ts';
import { socketAddress, type SocketAddress } from '../values/network.ts';
import { oneOf } from '../values/scalars.ts';

/** Logs and metrics of a daemon. */
export interface ObservabilityConfig {
  /** Where metrics and health are served over HTTP; undefined: nowhere. */
  readonly metricsListen: SocketAddress | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
}

export const OBSERVABILITY: OptionTable<ObservabilityConfig> = {
  metricsListen: {
    flag: 'metrics-listen',
    type: socketAddress,
    default: absent('nothing is served'),
    meaning:
      'Address and port that serve /metrics for Prometheus, /healthz (the process runs) and /readyz (it does its part, ' +
      'or why not) over HTTP.',
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
