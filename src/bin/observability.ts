import { BearerToken } from '../adapters/observability/bearer-token.ts';
import { LimitedLog } from '../adapters/observability/limited-log.ts';
import { MetricsServer } from '../adapters/observability/metrics-server.ts';
import { PromMetrics } from '../adapters/observability/prom-metrics.ts';
import { WinstonLog } from '../adapters/observability/winston-log.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { CredentialFiles } from '../adapters/tls/credential-files.ts';
import { programVersion } from '../config/process.ts';
import type { ObservabilityConfig } from '../config/options/observability.ts';
import type { KeyMaterial } from '../ports/credentials.ts';
import type { Log, LogFields, LogLevel } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

export interface Observability {
  readonly log: Log;
  readonly metrics: Metrics;
  /** What is logged from now on; undefined: what the configuration says. */
  readonly logLevel: (level: LogLevel | undefined) => void;
  /** All lines from now on, or again those of the configuration. */
  readonly toggleDebug: () => void;
  /** From now on the process is ready where this returns undefined, else not, for the reason that it returns. */
  readonly readyUnless: (notReady: () => string | undefined) => void;
  /** Rejects with OpError where the address cannot be bound, or files are no good. */
  readonly serve: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Log and metrics of a process; `serve` serves metrics and health where the configuration says so. */
export function observability(config: ObservabilityConfig, fields: LogFields): Observability {
  const written = WinstonLog.create({ level: config.logLevel, format: config.logFormat }, fields);
  const log = LimitedLog.around(written, systemClock, (level) => written.shows(level));
  let shown = config.logLevel;
  const show = (level: LogLevel): void => {
    if (level === shown) return;
    const change = { from: shown, to: level };
    shown = level;
    // Seen where either of the two shows it.
    written.log('info', 'log level changes', change);
    written.show(level);
    if (change.from === 'warn' || change.from === 'error') written.log('info', 'log level changes', change);
  };
  const metrics = new PromMetrics();
  metrics.gauge('build_info', 1, { version: programVersion() });
  let ask = (): string | undefined => 'starting';
  let endService = (): Promise<void> => Promise.resolve();
  return {
    log,
    metrics,
    logLevel: (level) => show(level ?? config.logLevel),
    toggleDebug: () => show(shown === 'debug' ? config.logLevel : 'debug'),
    readyUnless: (notReady) => void (ask = notReady),
    serve: async () => {
      endService = await served(config, { metrics, log, notReady: () => ask() });
    },
    close: () => {
      log.close();
      return endService();
    },
  };
}

/** @returns what ends it */
async function served(
  { metricsListen, metricsTlsCert, metricsTlsKey, metricsTokenFile }: ObservabilityConfig,
  { metrics, log, notReady }: { metrics: PromMetrics; log: Log; notReady: () => string | undefined },
): Promise<() => Promise<void>> {
  if (!metricsListen) return () => Promise.resolve();
  const files =
    metricsTlsCert === undefined || metricsTlsKey === undefined
      ? undefined
      : { certificate: metricsTlsCert, privateKey: metricsTlsKey };
  const credentials =
    files && new CredentialFiles<Partial<KeyMaterial>>({ files, use: 'metrics', clock: systemClock, log, metrics });
  await credentials?.start();
  const token = metricsTokenFile === undefined ? undefined : new BearerToken(metricsTokenFile);
  await token?.check();
  const server = new MetricsServer({ metrics, notReady, clock: systemClock, credentials, token });
  await server.start(metricsListen.host, metricsListen.port);
  return () => {
    credentials?.stop();
    return server.stop();
  };
}
