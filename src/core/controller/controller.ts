/**
 * One controller: takes part in the election, hears every agent, and decides while it is master.
 * Every event ends with the same two questions: may I act, and does what I decided still fit?
 */
import { electionWakeAt, mayAct, stepElection } from '../election.ts';
import type { ElectionEvent } from '../election-types.ts';
import { isUnsettled } from '../commitments.ts';
import { type MasterState, newMaster, reconcile } from '../master.ts';
import { endSilentLeases, nextLeaseEnd, sessionClosed } from '../node-table.ts';
import { formatTerm } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import { admitWaiting, agentMessage } from './agent-messages.ts';
import type {
  ControllerConfig,
  ControllerEffect,
  ControllerEvent,
  ControllerState,
  ControllerStep,
} from './controller-state.ts';
import { moves, type Move } from './moves.ts';
import { isFrozen, readSnapshot } from './pools.ts';
import { statusReport } from './status-report.ts';

/** Statuses are rendered at least this often, so that the age of the last heartbeat is no older. */
const PUBLISH_EVERY_MS = 10_000;

export function controllerWakeAt(state: ControllerState, config: ControllerConfig): Monotonic {
  const reconcileAt = state.master ? state.reconcileAt : Number.POSITIVE_INFINITY;
  const electionAt = state.pools ? electionWakeAt(state.election) : Number.POSITIVE_INFINITY;
  return Math.min(electionAt, nextLeaseEnd(state.nodes, config.timing), reconcileAt) as Monotonic;
}

export function stepController(
  before: ControllerState,
  event: ControllerEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const effects: ControllerEffect[] = [];
  let state = before;
  const run = ([next, more]: ControllerStep): void => {
    state = next;
    effects.push(...more);
  };
  run(take(state, event, now, config));
  run(endSilent(state, now, config));
  run(election(state, { kind: 'tick' }, now, config));
  run(decide(state, now));
  return [state, effects];
}

function take(
  state: ControllerState,
  event: ControllerEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  switch (event.kind) {
    case 'tick':
      return [state, []];
    case 'election':
      return election(state, event.event, now, config);
    case 'agent': {
      const seen = event.message.kind === 'heartbeat' ? event.message.highestTerm : undefined;
      const [first, effects] = seen ? election(state, { kind: 'term-seen', term: seen }, now, config) : [state, []];
      const [next, more] = agentMessage(first, event.session, event.message, now);
      return [next, [...effects, ...more]];
    }
    case 'session-closed': {
      const waiting = new Map([...state.waiting].filter(([id]) => id !== event.session));
      const nodes = sessionClosed(state.nodes, event.session);
      return [{ ...state, waiting, nodes: nodes ?? state.nodes, dirty: state.dirty || nodes !== undefined }, []];
    }
    case 'snapshot':
      return [{ ...state, pools: readSnapshot(state.pools, event.snapshot), dirty: true }, []];
    case 'stop':
      return election(state, { kind: 'stop' }, now, config);
  }
}

function election(
  state: ControllerState,
  event: ElectionEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  // Who does not know the pools is of no use as master: it does not queue.
  if (!state.pools && (event.kind === 'tick' || event.kind === 'store-changed')) return [state, []];
  const [next, effects] = stepElection(state.election, event, now, config.election);
  const reign = mayAct(next, now) ? next.term : undefined;
  // Decisions of one reign are never carried into another.
  const master = reign ? (state.master?.term === reign ? state.master : newMaster(reign)) : undefined;
  const dirty = state.dirty || master !== state.master;
  return [{ ...state, election: next, master, dirty }, effects.map((effect) => ({ kind: 'election', effect }))];
}

function endSilent(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { nodes: before } = state;
  const { table, ended } = endSilentLeases(before, now, config.timing);
  const effects: ControllerEffect[] = ended.map((node) => ({
    kind: 'log',
    level: 'warn',
    message: 'node lost: its lease ended unheard',
    fields: { node, silentMs: Math.round(now - (before.get(node)?.lastHeard ?? now)) },
  }));
  const [next, more] = admitWaiting({ ...state, nodes: table, dirty: state.dirty || ended.length > 0 }, now);
  return [next, [...effects, ...more]];
}

function decide(state: ControllerState, now: Monotonic): ControllerStep {
  const { master, pools } = state;
  if (!master || !pools || !(state.dirty || now >= state.reconcileAt) || !mayAct(state.election, now))
    return [state, []];
  const result = reconcile(
    master,
    {
      pools: pools.effective,
      isFrozen: (pool) => isFrozen(pools, pool),
      nodes: state.nodes,
      records: pools.records,
      previousHomes: pools.previousHomes,
      blindUntil: state.blindUntil,
    },
    now,
  );
  const reconcileAt = Math.min(result.wakeAt, addMs(now, PUBLISH_EVERY_MS)) as Monotonic;
  const next: ControllerState = { ...state, master: result.state, dirty: false, reconcileAt };
  const effects: ControllerEffect[] = result.outgoing.map(({ session, assignment }) => ({
    kind: 'send',
    session,
    message: { kind: 'assignment', ...assignment },
  }));
  for (const move of moves(master, result.state)) effects.push(logMove(move, formatTerm(master.term)));
  effects.push({ kind: 'publish', report: statusReport(pools, next.nodes, result.views, master.term, now) });
  effects.push(...lifecycle(next, result.state, now));
  return [next, effects];
}

const logMove = (move: Move, term: string): ControllerEffect => ({
  kind: 'log',
  level: 'info',
  message: 'VIP placed',
  fields: { ...move, term },
});

/** Pools are protected before their VIPs can be bound, and let go when nobody can hold a VIP of theirs any more. */
function lifecycle(state: ControllerState, master: MasterState, now: Monotonic): ControllerEffect[] {
  const effects: ControllerEffect[] = [];
  for (const { name, deleting } of state.pools?.manifests.values() ?? []) {
    if (!deleting) effects.push({ kind: 'protect', pool: name });
    else if (now >= state.blindUntil && !mayBeHeld(state, master, name)) effects.push({ kind: 'finalize', pool: name });
  }
  return effects;
}

function mayBeHeld(state: ControllerState, master: MasterState, pool: string): boolean {
  for (const entry of state.nodes.values()) {
    if (entry.gone !== 'no') continue;
    const commitment = master.commitments.get(entry.node);
    if (isUnsettled(entry, commitment, master.term)) return true;
    const told = [...(commitment?.vips.values() ?? [])].some((vip) => vip.pool === pool);
    if (told || entry.applied?.held.some((vip) => vip.pool === pool)) return true;
    // A version that still had the VIPs may be on its way until the newest one is confirmed.
    if (commitment && entry.applied?.version !== commitment.version) return true;
  }
  return false;
}
