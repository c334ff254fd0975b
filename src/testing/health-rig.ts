/** A master's judgement of health and placement in virtual time, with nodes that obey at once. */
import type { CheckState } from '../core/check-state.ts';
import type { Check } from '../core/checks.ts';
import { followHealth, type HealthBook, healthWakeAt, NO_HEALTH_KNOWN } from '../core/health-book.ts';
import { explainer } from '../core/health-message.ts';
import { signalsOf } from '../core/health-signals.ts';
import type { NodeName, VipAddress } from '../core/ids.ts';
import { type MasterState, newMaster, reconcile } from '../core/master.ts';
import type { NodeRecords } from '../core/membership.ts';
import { NO_SETTINGS, type NodeSettings } from '../core/node-settings.ts';
import type { NodeEntry } from '../core/node-table.ts';
import { NO_SIGNALS, type Signals } from '../core/placement/signals.ts';
import type { Pool } from '../core/pool.ts';
import type { PoolView } from '../core/pool-view.ts';
import { type Monotonic, monotonic, NEVER } from '../core/time.ts';
import { applied, checkState, held, n, nodeEntry, term } from './core-builders.ts';

export interface RigMove {
  readonly at: number;
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  readonly to: NodeName | undefined;
  readonly reason: string;
}

export class HealthRig {
  pools: readonly Pool[];
  now = 0;
  masterNode = n('nowhere');
  book: HealthBook = NO_HEALTH_KNOWN;
  views: readonly PoolView[] = [];
  readonly moves: RigMove[] = [];
  readonly entries = new Map<NodeName, NodeEntry>();
  readonly settings = new Map<NodeName, NodeSettings>();
  /** Nodes on record; those that are up are known without. */
  records: NodeRecords = new Map();
  /** As in the master's world: a node of which nothing was heard for so long is quiet. */
  quietAfterMs = Number.POSITIVE_INFINITY;
  /** Nodes that get nothing of what they are told. */
  readonly deaf = new Set<NodeName>();
  /** When nodes were told of all checks; undefined: never. */
  wantedSince: (node: NodeName, check: Check) => Monotonic | undefined = () => undefined;
  #state: MasterState = newMaster(term(5));
  #signals: Signals = NO_SIGNALS;
  #wakeAt: number = Number.POSITIVE_INFINITY;

  /** Nodes with every check of the pools passing for long. */
  constructor(pools: readonly Pool[], ...nodes: readonly string[]) {
    this.pools = pools;
    for (const [index, name] of nodes.entries()) {
      const checks = pools.flatMap((pool) =>
        pool.health.checks.map((item) => checkState(item.name, 'Passing', { pool: pool.name })),
      );
      this.entries.set(n(name), nodeEntry(name, { session: index + 1, highestTerm: term(5), checks }));
    }
    this.step();
    this.moves.length = 0;
  }

  change(node: string, over: Partial<NodeEntry>): void {
    const entry = this.entries.get(n(node));
    if (!entry) throw new Error(`no ${node}`);
    this.entries.set(entry.node, { ...entry, ...over });
  }

  /** The node reports these checks anew, and the others as before; what follows is done at once. */
  report(node: string, ...checks: readonly CheckState[]): this {
    const others = (this.entries.get(n(node))?.checks ?? []).filter(
      (before) => !checks.some(({ pool, name }) => pool === before.pool && name === before.name),
    );
    this.change(node, { checks: [...others, ...checks] });
    return this.step();
  }

  settle(node: string, over: Partial<NodeSettings>): this {
    this.settings.set(n(node), { ...NO_SETTINGS, ...this.settings.get(n(node)), ...over });
    return this.step();
  }

  /** Lets time pass, and happen what falls due. */
  run(ms: number): this {
    const end = this.now + ms;
    while (this.#wakeAt <= end) {
      this.now = Math.max(this.now, this.#wakeAt);
      this.step();
    }
    this.now = end;
    return this.step();
  }

  holder(vip: string): NodeName | undefined {
    return [...this.entries.values()].find(
      ({ gone, applied: report }) => gone === 'no' && report?.held.some((item) => item.vip === vip),
    )?.node;
  }

  holders(): (NodeName | undefined)[] {
    return this.pools.flatMap((pool) => pool.vips.map((vip) => this.holder(vip)));
  }

  /** Where the master wants the VIP to be. */
  decided(vip: VipAddress): NodeName | undefined {
    return this.#state.reasons.get(vip)?.node;
  }

  /** Decides, and lets nodes carry out what they are told, until nobody is told anything new. */
  step(): this {
    const before = new Map(this.pools.flatMap((pool) => pool.vips.map((vip) => [vip, this.holder(vip)] as const)));
    for (let told = 1; told > 0;) {
      told = this.#decide();
    }
    for (const [vip, from] of before) {
      const to = this.holder(vip);
      const binding = this.views.flatMap(({ bindings }) => bindings).find((item) => item.vip === vip);
      if (to !== from) this.moves.push({ at: this.now, vip, from, to, reason: binding?.reason ?? '' });
    }
    return this;
  }

  #decide(): number {
    const now = monotonic(this.now);
    const settingsOf = (node: NodeName): NodeSettings => this.settings.get(node) ?? NO_SETTINGS;
    const world = { pools: this.pools, nodes: this.entries, settingsOf, wantedSince: this.wantedSince };
    this.book = followHealth(this.book, world, now);
    const { book, settings, masterNode } = this;
    this.#signals = signalsOf(this.#signals, { ...world, settings, book, masterNode });
    const result = reconcile(
      this.#state,
      {
        ...world,
        isFrozen: () => false,
        records: this.records,
        previousHomes: new Map(),
        blindUntil: NEVER,
        quietAfterMs: this.quietAfterMs,
        signals: this.#signals,
        explain: explainer(book),
      },
      now,
    );
    this.#state = result.state;
    this.views = result.views;
    const wakeAt = Math.min(result.wakeAt, healthWakeAt(book));
    this.#wakeAt = wakeAt > this.now ? wakeAt : this.now + 1;
    for (const { assignment } of result.outgoing) {
      const { node, lease, version, vips } = assignment;
      if (this.deaf.has(node)) continue;
      const report = applied(node, {
        lease,
        term: assignment.term,
        version,
        held: vips.map((item) => held(item.vip, item.pool)),
      });
      this.change(node, { applied: report });
    }
    return result.outgoing.length;
  }
}
