/** Tasks within the decisions of the master. */
import type { Binding } from '../api/types.gen.ts';
import { explainer } from '../health-message.ts';
import type { PoolName, VipAddress } from '../ids.ts';
import type { MasterState } from '../master.ts';
import { NO_MOVES } from '../moved-homes.ts';
import { NO_POOL_SIGNALS, type PoolSignals, type Signals } from '../placement/signals.ts';
import type { Pool } from '../pool.ts';
import { HomeChanges } from '../tasks/home-changes.ts';
import { askedBy, isFinished, stepTasks, type TaskBook } from '../tasks/task-book.ts';
import { formatTerm } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { ControllerEffect, ControllerState } from './controller-state.ts';
import type { PoolBook } from './pools.ts';

/** While one is open it is looked at so often: obstacles and silence pass by without an event. */
const LOOK_EVERY_MS = 1_000;

export interface Tasked {
  readonly tasks: TaskBook;
  readonly master: MasterState;
  readonly effects: readonly ControllerEffect[];
  readonly wakeAt: Monotonic;
}

/** The signals, and the VIPs that tasks want at home. */
export function withAsked(signals: Signals, pools: readonly Pool[], tasks: TaskBook): Signals {
  const asked = askedBy(tasks);
  if (asked.size === 0) return signals;
  const changed = new Map<PoolName, PoolSignals>(signals.pools);
  for (const { name, vips } of pools) {
    const failbackAsked = new Set(vips.filter((vip) => asked.has(vip)));
    if (failbackAsked.size > 0) changed.set(name, { ...(signals.pools.get(name) ?? NO_POOL_SIGNALS), failbackAsked });
  }
  return { ...signals, pools: changed };
}

/** @param decided what was decided just now; what tasks change about homes counts from the next decision on */
export function runTasks(state: ControllerState, pools: PoolBook, decided: MasterState, now: Monotonic): Tasked {
  const { tasks, nodes, care } = state;
  // What was read before the reign may not show what the last master has finished.
  const isCurrent = tasks.asOf === formatTerm(decided.term);
  if (!isCurrent || (tasks.tasks.length === 0 && tasks.begun.size === 0)) {
    return { tasks, master: decided, effects: [], wakeAt: Number.POSITIVE_INFINITY as Monotonic };
  }
  const homes = new HomeChanges(decided.homes, decided.moved ?? NO_MOVES);
  let bindings: ReadonlyMap<string, Binding> | undefined;
  const world = {
    pools: pools.effective,
    plans: decided.plans.pools,
    nodes,
    explain: explainer(care.book),
    homes,
    recorded: (vip: VipAddress): Binding | undefined => (bindings ??= bindingsIn(pools)).get(vip),
    isSettled: now >= state.blindUntil && state.recordFound === undefined,
  };
  const { book, orders } = stepTasks(tasks, world, now);
  const again = homes.changed || askedBy(book).size !== askedBy(tasks).size;
  const isOpen = tasks.tasks.some(({ status }) => !isFinished(status));
  return {
    tasks: book,
    master: homes.changed ? { ...decided, homes: homes.homes, moved: homes.moved } : decided,
    effects: [{ kind: 'tasks', orders }],
    wakeAt: again ? now : isOpen ? addMs(now, LOOK_EVERY_MS) : (Number.POSITIVE_INFINITY as Monotonic),
  };
}

const bindingsIn = ({ manifests }: PoolBook): ReadonlyMap<string, Binding> =>
  new Map(
    [...manifests.values()].flatMap(({ status }) => (status?.bindings ?? []).map((item) => [item.address, item])),
  );
