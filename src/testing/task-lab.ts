import type { Binding, VipTaskStatus } from '../core/api/types.gen.ts';
import { withAsked } from '../core/controller/tasking.ts';
import type { NodeName, VipAddress } from '../core/ids.ts';
import type { TaskManifest } from '../core/manifest.ts';
import { type MasterState, newMaster, reconcile } from '../core/master.ts';
import type { Assignment } from '../core/messages.ts';
import { movedHomesOf, NO_MOVES } from '../core/moved-homes.ts';
import type { NodeEntry } from '../core/node-table.ts';
import { NO_SIGNALS } from '../core/placement/signals.ts';
import type { Pool } from '../core/pool.ts';
import type { PoolView } from '../core/pool-view.ts';
import { HomeChanges } from '../core/tasks/home-changes.ts';
import { NO_TASKS, stepTasks, type TaskBook } from '../core/tasks/task-book.ts';
import { monotonic, NEVER } from '../core/time.ts';
import { applied as report, held, n, nodeEntry, pool, term, v } from './core-builders.ts';

/** What the wall clock says when the lab's own says 0. */
export const START_MS = Date.UTC(2026, 2, 1);
const AT = new Date(START_MS).toISOString();

/** A master, three nodes that do at once what they are told, and the record that a source would keep. */
export class TaskLab {
  state: MasterState;
  book: TaskBook;
  pools: readonly Pool[];
  entries = new Map<NodeName, NodeEntry>();
  record = new Map<string, Binding>();
  tasks: TaskManifest[] = [];
  removed: string[] = [];
  now = 1_000;
  term = 5;
  /** No node does what it is told. */
  isDeaf = false;
  /** No status of a task can be written. */
  isUnwritable = false;
  /** No status of a pool can be written. */
  isForgetful = false;

  constructor(over: Partial<Pool> = {}) {
    this.pools = [pool({ failback: { policy: 'Automatic', delayMs: 0 }, ...over })];
    this.state = newMaster(term(this.term));
    this.book = NO_TASKS;
    for (const [i, name] of ['node-1', 'node-2', 'node-3'].entries()) {
      this.put(nodeEntry(name, { session: i + 1, highestTerm: term(99) }));
    }
    this.run(6);
  }

  put(entry: NodeEntry): void {
    this.entries.set(entry.node, entry);
  }

  change(name: string, over: Partial<NodeEntry>): void {
    const entry = this.entries.get(n(name));
    if (entry) this.put({ ...entry, ...over });
  }

  /** Another controller becomes master: it knows what nodes tell, and the record. */
  newMaster(): void {
    this.state = newMaster(term(++this.term));
    this.book = { ...NO_TASKS };
  }

  create(name: string, spec: unknown, createdAt = AT): void {
    this.tasks.push({ name, uid: name, createdAt, deleting: false, spec, status: undefined });
  }

  run(rounds = 8, ms = 10): void {
    for (let round = 0; round < rounds; round++) {
      this.now += ms;
      this.#decide();
    }
  }

  #decide(): void {
    const wall = { ms: START_MS + this.now, at: monotonic(this.now) };
    this.book = { ...this.book, tasks: [...this.tasks], wall };
    const bindings = [...this.record.values()];
    const previous = bindings.flatMap(({ address, home }) =>
      home === undefined ? [] : [[v(address), n(home)] as const],
    );
    const result = reconcile(
      this.state,
      {
        pools: this.pools,
        nodes: this.entries,
        isFrozen: () => false,
        records: new Map([...this.entries.keys()].map((node) => [node, {}])),
        previousHomes: new Map(previous),
        previousMoves: movedHomesOf([{ status: { bindings } }]),
        blindUntil: NEVER,
        signals: withAsked(NO_SIGNALS, this.pools, this.book),
      },
      monotonic(this.now),
    );
    const homes = new HomeChanges(result.state.homes, result.state.moved ?? NO_MOVES);
    const world = {
      pools: this.pools,
      plans: result.state.plans.pools,
      homes,
      nodes: this.entries,
      explain: () => undefined,
      recorded: (vip: VipAddress) => this.record.get(vip),
      isSettled: true,
    };
    const { book, orders } = stepTasks(this.book, world, monotonic(this.now));
    this.book = book;
    this.state = homes.changed ? { ...result.state, homes: homes.homes, moved: homes.moved } : result.state;
    for (const order of orders) {
      if (order.act === 'remove') this.removed.push(order.task.name);
      else if (!this.isUnwritable) this.#write(order.task.name, order.status);
    }
    for (const { assignment } of result.outgoing) if (!this.isDeaf) this.#obey(assignment);
    if (!this.isForgetful) this.#keep(result.views);
  }

  #write(name: string, status: VipTaskStatus): void {
    this.tasks = this.tasks.map((task) => (task.name === name ? { ...task, status } : task));
  }

  #obey({ node, lease, term: by, version, vips: all }: Assignment): void {
    this.change(node, { applied: report(node, { lease, term: by, version, held: all.map(({ vip }) => held(vip)) }) });
  }

  #keep(views: readonly PoolView[]): void {
    for (const { vip, node, home, usualHome, state, reason } of views.flatMap(({ bindings }) => bindings)) {
      const where = {
        ...(node && { node }),
        ...(home && { home }),
        ...(usualHome !== undefined && { usualHome }),
      };
      this.record.set(vip, { address: vip, ...where, state, since: AT, reason });
    }
  }

  status(name: string): VipTaskStatus | undefined {
    return this.tasks.find((task) => task.name === name)?.status;
  }

  /** "NODE", or "NODE (home HOME, usually USUAL)" where it differs. */
  where(vip: string): string {
    const { node, home, usualHome } = this.record.get(vip) ?? {};
    return home === node && usualHome === undefined ? `${node}` : `${node} (home ${home}, usually ${usualHome})`;
  }

  everywhere(): Record<string, string> {
    return Object.fromEntries([...this.record.keys()].map((vip) => [vip, this.where(vip)]));
  }
}
