import { MetricsServer } from '../adapters/observability/metrics-server.ts';
import { PromMetrics } from '../adapters/observability/prom-metrics.ts';
import { WinstonLog } from '../adapters/observability/winston-log.ts';
import type { ObservabilityConfig } from '../config/options/observability.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Log and metrics of a process; metrics are served where the configuration says so. */
export async function observability(
  config: ObservabilityConfig,
  fields: LogFields,
): Promise<{ readonly log: Log; readonly metrics: Metrics; readonly close: () => Promise<void> }> {
  const log = WinstonLog.create({ level: config.logLevel, format: config.logFormat }, fields);
  const metrics = new PromMetrics();
  const server = new MetricsServer(metrics);
  if (config.metricsListen) await server.start(config.metricsListen.host, config.metricsListen.port);
  return { log, metrics, close: () => server.stop() };
}
