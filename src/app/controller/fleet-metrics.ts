import type { Move } from '../../core/controller/moves.ts';
import { moves } from '../../core/controller/moves.ts';
import type { NodeReport, StatusReport } from '../../core/controller/status-report.ts';
import type { NodeName, VipAddress } from '../../core/ids.ts';
import type { MasterState } from '../../core/master.ts';
import { Reason } from '../../core/reasons.ts';
import { addMs, type Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LabelledValue, Metrics } from '../../ports/metrics.ts';

interface FleetPorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Awaited {
  readonly node: NodeName;
  readonly cause: Reason;
  readonly since: Monotonic;
}

/** A VIP that nobody had is no takeover. */
const FIRST: readonly Reason[] = [Reason.PlacedAtHome, Reason.PlacedElsewhere];
/** Waiting longer has causes that the pool's conditions tell. */
const FORGET_MS = 60_000;

/** What the master knows of nodes and VIPs, for Prometheus. Gauges are filled when they are read, off the failover path. */
export class FleetMetrics {
  readonly #ports: FleetPorts;
  /** VIPs on their way to another node. */
  readonly #awaited = new Map<VipAddress, Awaited>();
  #report: StatusReport | undefined;

  constructor(ports: FleetPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#ports.metrics.beforeRead(() => this.#fill());
  }

  /** After each round of decisions, with what was decided before and what is known now. */
  decided(before: MasterState | undefined, after: MasterState, report: StatusReport, tookMs: number): void {
    const { clock, metrics } = this.#ports;
    const now = clock.now();
    this.#report = report;
    metrics.observe('reconcile_duration_seconds', tookMs / 1_000);
    if (before?.term === after.term) for (const move of moves(before, after)) this.#moved(move, report, now);
    for (const [vip, { node, cause, since }] of this.#awaited) {
      const held = heldBy(report, node).some((item) => item.vip === vip);
      if (held) metrics.observe('failover_duration_seconds', (now - since) / 1_000, { cause });
      if (held || now - since > FORGET_MS) this.#awaited.delete(vip);
    }
  }

  /** Another controller decides now, and tells. */
  deposed(): void {
    this.#report = undefined;
    this.#awaited.clear();
  }

  #moved({ vip, from, to, reason }: Move, report: StatusReport, now: Monotonic): void {
    const begun = this.#awaited.get(vip)?.since;
    this.#awaited.delete(vip);
    if (to === undefined || FIRST.includes(reason)) return;
    this.#ports.metrics.count('takeovers_total', { cause: reason });
    const lost = from === undefined ? undefined : report.nodes.get(from);
    const lostAt = lost?.entry?.gone === 'lease-ended' ? addMs(now, -lost.silentMs) : now;
    this.#awaited.set(vip, { node: to, cause: reason, since: begun ?? lostAt });
  }

  #fill(): void {
    const { metrics } = this.#ports;
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
  }
}

const STATES = ['Bound', 'Binding', 'Releasing', 'Unassigned'] as const;

const heldBy = (report: StatusReport, node: NodeName): readonly { readonly vip: VipAddress }[] => {
  const entry = report.nodes.get(node)?.entry;
  return entry?.gone === 'no' ? (entry.applied?.held ?? []) : [];
};

const verdicts = ({ name, entry }: NodeReport): LabelledValue[] =>
  (entry?.checks ?? [])
    .filter(({ state }) => state !== 'Pending' && state !== 'Idle')
    .map((check) => ({
      labels: { check: check.name, node: name, pool: check.pool },
      value: check.state === 'Passing' ? 1 : 0,
    }));
