import { absent, text, type Contradiction, type OptionTable } from '../option.ts';
import { socketAddress, type SocketAddress } from '../values/network.ts';
import { oneOf, path } from '../values/scalars.ts';

/** Logs and metrics of a daemon. */
export interface ObservabilityConfig {
  /** Where metrics and health are served over HTTP; undefined: nowhere. */
  readonly metricsListen: SocketAddress | undefined;
  /** Both or none. */
  readonly metricsTlsCert: string | undefined;
  readonly metricsTlsKey: string | undefined;
  readonly metricsTokenFile: string | undefined;
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
      'or why not) over HTTP, or HTTPS with --metrics-tls-cert.',
  },
  metricsTlsCert: {
    flag: 'metrics-tls-cert',
    type: path(),
    default: absent('metrics and health are served without encryption'),
    meaning:
      'PEM file of the certificate that --metrics-listen shows, with intermediate ones behind it. Read again when it ' +
      'changes. It need not be that of --tls-cert: whoever reads metrics knows a server by its name.',
  },
  metricsTlsKey: {
    flag: 'metrics-tls-key',
    type: path(),
    default: absent('metrics and health are served without encryption'),
    meaning: 'PEM file of the private key of --metrics-tls-cert.',
  },
  metricsTokenFile: {
    flag: 'metrics-token-file',
    type: path(),
    default: absent('everybody who reaches the port may read metrics'),
    meaning:
      'File with one word that whoever reads /metrics must show as bearer token. Read for each request. /healthz and ' +
      '/readyz ask for none. Without --metrics-tls-cert the network can read it.',
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

export function observabilityContradictions(config: Partial<ObservabilityConfig>): readonly Contradiction[] {
  const { metricsListen, metricsTlsCert, metricsTlsKey } = config;
  const parts = ['metricsTlsCert', 'metricsTlsKey', 'metricsTokenFile'] as const;
  if (metricsListen === undefined) {
    return parts
      .filter((part) => config[part] !== undefined)
      .map((part) => {
        const message = `has no effect without --${OBSERVABILITY.metricsListen.flag}; give both, or remove it`;
        return { flag: OBSERVABILITY[part].flag, message };
      });
  }
  if ((metricsTlsCert === undefined) === (metricsTlsKey === undefined)) return [];
  const [given, missing] =
    metricsTlsCert === undefined
      ? ([OBSERVABILITY.metricsTlsKey, OBSERVABILITY.metricsTlsCert] as const)
      : ([OBSERVABILITY.metricsTlsCert, OBSERVABILITY.metricsTlsKey] as const);
  return [{ flag: missing.flag, message: `is missing beside --${given.flag}; give both or neither` }];
}
