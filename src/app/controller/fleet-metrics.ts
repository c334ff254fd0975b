import type { Verdict } from '../../core/conditions.ts';
import { nodeVerdicts } from '../../core/controller/node-status.ts';
import { poolVerdicts } from '../../core/controller/pool-status.ts';
import type { NodeReport, StatusReport } from '../../core/controller/status-report.ts';
import type { VipAddress } from '../../core/ids.ts';
import type { DoneMove } from '../../core/move-log.ts';
import { isAlarm } from '../../core/object-event.ts';
import type { LabelledValue, Metrics } from '../../ports/metrics.ts';

/** What the master knows of nodes and VIPs, for Prometheus. Gauges are filled when they are read, off the failover path. */
export class FleetMetrics {
  readonly #metrics: Metrics;
  #report: StatusReport | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  start(): void {
    this.#metrics.beforeRead(() => this.#fill());
  }

  /** After each round of decisions. */
  decided(report: StatusReport, tookMs: number): void {
    this.#report = report;
    this.#metrics.observe('reconcile_duration_seconds', tookMs / 1_000);
    for (const { moved } of report.pools.values()) for (const move of moved) this.#moved(move);
  }

  /** Another controller decides now, and tells. */
  deposed(): void {
    this.#report = undefined;
  }

  /** A VIP that nobody had, or that nobody gets, is no takeover. */
  #moved({ from, to, reason: cause, detectMs = 0, decideMs, bindMs }: DoneMove): void {
    if (from === undefined || to === undefined) return;
    this.#metrics.count('takeovers_total', { cause });
    if (decideMs === undefined || bindMs === undefined) return;
    this.#metrics.observe('failover_duration_seconds', (detectMs + decideMs + bindMs) / 1_000, { cause });
  }

  #fill(): void {
    const metrics = this.#metrics;
    const report = this.#report;
    const nodes = [...(report?.nodes.values() ?? [])].filter(({ entry }) => entry?.gone === 'no');
    const holders = new Map<VipAddress, number>();
    for (const { entry } of nodes) {
      for (const { vip } of entry?.applied?.held ?? []) holders.set(vip, (holders.get(vip) ?? 0) + 1);
    }
    const pools = [...(report?.pools ?? [])].map(([pool, { view }]) => ({ pool, bindings: view?.bindings ?? [] }));
    metrics.gauges(
      'vip_holders',
      pools.flatMap(({ pool, bindings }) =>
        bindings.map(({ vip }) => ({ labels: { pool, vip }, value: holders.get(vip) ?? 0 })),
      ),
    );
    metrics.gauges(
      'pool_addresses',
      pools.flatMap(({ pool, bindings }) =>
        STATES.map((state) => ({
          labels: { pool, state },
          value: bindings.filter((binding) => binding.state === state).length,
        })),
      ),
    );
    metrics.gauges(
      'bindings',
      nodes.map(({ name, entry }) => ({ labels: { node: name }, value: entry?.applied?.held.length ?? 0 })),
    );
    metrics.gauges('check_status', nodes.flatMap(verdicts));
    metrics.gauges('alarm', report ? alarms(report) : []);
  }
}

/** Whoever cannot read a status, because the API server or the network to it is away, has them as well. */
const alarms = ({ pools, nodes }: StatusReport): LabelledValue[] => [
  ...[...pools].flatMap(([name, report]) => alarmsOf('pool', name, poolVerdicts(report))),
  ...[...nodes].flatMap(([name, report]) => alarmsOf('node', name, nodeVerdicts(report))),
];

const alarmsOf = (kind: 'pool' | 'node', name: string, said: readonly Verdict[]): LabelledValue[] =>
  said.filter(isAlarm).map(({ type, reason }) => ({ labels: { kind, name, condition: type, reason }, value: 1 }));

const STATES = ['Bound', 'Binding', 'Releasing', 'Unassigned'] as const;

const verdicts = ({ name, entry }: NodeReport): LabelledValue[] =>
  (entry?.checks ?? [])
    .filter(({ state }) => state !== 'Pending' && state !== 'Idle')
    .map((check) => ({
      labels: { check: check.name, node: name, pool: check.pool },
      value: check.state === 'Passing' ? 1 : 0,
    }));
