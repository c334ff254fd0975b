/**
 * One controller: votes and follows, hears every agent, and decides while it is master.
 * Every event ends with the same questions: did an authority or a lease run out, may I act, does what I decided still fit?
 */
import { isUnsettled } from '../commitments.ts';
import { healthWakeAt } from '../health-book.ts';
import { explainer } from '../health-message.ts';
import { knocks } from '../known-leases.ts';
import type { SourceSnapshot } from '../manifest.ts';
import { relabelled } from '../node-labels.ts';
import { judge, noVerdicts } from '../lease-verdicts.ts';
import { type MasterState, reconcile } from '../master.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { endSilentLeases, nextLeaseEnd, type NodeEntry, type NodeTable, sessionClosed } from '../node-table.ts';
import { forgetFlaps } from '../node-flaps.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import { abstentionMs, beatMs, quietAfterMs } from '../timing.ts';
import { admitWaiting, agentMessage, without } from './agent-messages.ts';
import { answered, askingWakeAt, askMembers } from './asking-members.ts';
import { askForBars, barsWakeAt, holdWorld } from './barring.ts';
import {
  type ControllerConfig,
  type ControllerEffect,
  type ControllerEvent,
  type ControllerState,
  type ControllerStep,
  NOT_PATIENT,
} from './controller-state.ts';
import { noteMoves, takeCare } from './caring.ts';
import { withTable } from './lease-table.ts';
import { bestSuccessor, lock, mayAct, others, quorum, resign, seeTerm } from './mandate.ts';
import { endLapsedReign, mastershipTick, mastershipWakeAt, peerMessage, withMaster } from './mastership.ts';
import { differences } from './differences.ts';
import { readRecord, recordAnswered, recordWakeAt } from './electorate-keeping.ts';
import { walkElectorate } from './electorate-walk.ts';
import { tellWishes, wishesWakeAt } from './electorate-wishes.ts';
import { moveLines } from './moves.ts';
import { deafnessLookMs, heardByOthers, leaveToWhoHearsMore } from './deafness.ts';
import { leaveIllNode } from './own-node.ts';
import { settingsOf } from './node-specs.ts';
import { isFrozen, readSnapshot } from './pools.ts';
import { dueAt, isDue, rested } from './resting.ts';
import { restoreFalseAlarms } from './restoring.ts';
import { refuseSpent, spentBy } from './spent-leases.ts';
import { runTasks, withAsked } from './tasking.ts';
import { statusReport } from './status-report.ts';

/** Statuses are rendered at least this often, so that the age of the last heartbeat is no older. */
const PUBLISH_EVERY_MS = 10_000;

export function controllerWakeAt(state: ControllerState, config: ControllerConfig): Monotonic {
  const questionsAt = Math.min(barsWakeAt(state), askingWakeAt(state));
  const electorateAt = Math.min(recordWakeAt(state), wishesWakeAt(state, config));
  const mastershipAt = mastershipWakeAt(state, config);
  return Math.min(mastershipAt, electorateAt, state.leaseCheckAt, dueAt(state), questionsAt) as Monotonic;
}

export function stepController(
  before: ControllerState,
  event: ControllerEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const effects: ControllerEffect[] = [];
  let state = noticeLateness(before, now, config);
  const run = ([next, more]: ControllerStep): void => {
    state = next;
    if (more.length > 0) effects.push(...more);
  };
  if (state.reign) run(endLapsedReign(state, now, config));
  run(take(state, event, now, config));
  if (now >= state.leaseCheckAt) run(endSilent(state, now, config));
  run(readRecord(state, now, config));
  run(tellWishes(state, now, config));
  run(mastershipTick(state, now, config));
  run(withMaster(state, now, config));
  run(askMembers(state, now, config));
  if (state.master) {
    run(askForBars(state, now, config));
    run(decide(state, now, config));
    run(refuseSpent(state, spentBy(state.master), now, config));
    run(leaveIllNode(state, now, config));
  }
  return [state, effects];
}

function declared(state: ControllerState, snapshot: SourceSnapshot): ControllerState {
  const pools = readSnapshot(state.pools, snapshot);
  const isSame = pools.hostLabels === state.pools?.hostLabels;
  const nodes = isSame ? state.nodes : relabelled(state.nodes, pools.hostLabels);
  const isDrained = (node: NodeName): boolean =>
    [state.pools, pools].some((book) => book !== undefined && settingsOf(book.nodeSpecs, node).maintenance);
  return { ...state, pools, nodes: forgetFlaps(nodes, isDrained), dirty: true };
}

/** A process that was late itself accuses others later: their heartbeats may wait unread. */
function noticeLateness(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerState {
  const { heartbeatMs, leaderLeaseMs } = config.timing;
  const lateMs = now - controllerWakeAt(state, config);
  if (!(lateMs > heartbeatMs / 4) || !Number.isFinite(lateMs)) return state;
  // Who is late each time would otherwise never revoke any lease. Who is later still keeps no master in office.
  if (lateMs < leaderLeaseMs && now - state.patientSince >= leaderLeaseMs) return state;
  return { ...state, accuseFrom: addMs(now, Math.min(lateMs, heartbeatMs)) };
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
      return lock(state, event.event, now, config);
    case 'record':
      return recordAnswered(state, event.event, now, config);
    case 'leave':
      return [{ ...state, wanted: event.wanted, wishes: { ...state.wishes, tellAt: now } }, []];
    case 'agent': {
      const term = event.message.kind === 'heartbeat' ? event.message.highestTerm : undefined;
      const [first, effects] = seeTerm(state, term, now, config);
      const [next, more] = agentMessage(first, event.session, event.message, now, config);
      return [next, effects.length === 0 ? more : [...effects, ...more]];
    }
    case 'peer':
      return peerMessage(state, event.from, event.message, now, config);
    case 'session-closed': {
      const waiting = without(state.waiting, event.session);
      const sessions = without(state.sessions, event.session);
      const nodes = sessionClosed(state.nodes, event.session, now);
      const dirty = state.dirty || nodes !== undefined;
      return [{ ...state, waiting, sessions, nodes: nodes ?? state.nodes, dirty }, []];
    }
    case 'snapshot':
      return [declared(state, event.snapshot), []];
    case 'tasks':
      return [
        {
          ...state,
          tasks: { ...state.tasks, tasks: event.tasks, asOf: event.asOf, wall: { ms: event.wallMs, at: now } },
          dirty: true,
        },
        [],
      ];
    case 'member-answered':
      return [answered(state, event.node, event.address), []];
    case 'decided':
      return [rested(state, event.tookMs, now), []];
    case 'resign':
      return resign(state, event.reason, bestSuccessor(state, config), now, config);
    case 'stop': {
      const [resigned, effects] = resign(state, 'stopping', bestSuccessor(state, config), now, config);
      const [stopped, more] = lock(resigned, { kind: 'stop' }, now, config);
      return [stopped, [...effects, ...more]];
    }
  }
}

function endSilent(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (now < state.accuseFrom) {
    const patientSince = Math.min(state.patientSince, now) as Monotonic;
    return [{ ...state, leaseCheckAt: state.accuseFrom, patientSince }, []];
  }
  const { nodes: before } = state;
  const { table, ended } = endSilentLeases(before, now, config.timing);
  const looked = { leaseCheckAt: nextLeaseEnd(table, config.timing), patientSince: NOT_PATIENT };
  if (ended.length === 0) return [{ ...state, ...looked }, []];
  const effects: ControllerEffect[] = ended.map((node) => ({
    kind: 'log',
    level: 'warn',
    message: 'node silent: its lease is revoked here',
    fields: { node, silentMs: Math.round(now - (before.get(node)?.lastHeard ?? now)) },
  }));
  const [revoked, told] = withTable(state, table, ended, now, config);
  const [next, more] = admitWaiting({ ...revoked, ...looked }, now, config);
  return [next, [...effects, ...told, ...more]];
}

function decide(before: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { master, pools } = before;
  if (!master || !pools || !isDue(before, now) || !mayAct(before, now)) return [before, []];
  const [cared, configs] = takeCare(before, master.term, now, config);
  const [restored, restoring] = restoreFalseAlarms(cared, now, config);
  const { nodes, verdicts, undecided } = judge(
    restored.nodes,
    restored.verdicts ?? noVerdicts([], now),
    others(restored, config),
    quorum(restored),
    master.term,
    abstentionMs(config.timing),
    now,
  );
  const state = { ...restored, verdicts };
  const result = reconcile(
    master,
    {
      pools: pools.effective,
      isFrozen: (pool) => isFrozen(pools, pool),
      nodes,
      records: pools.records,
      previousHomes: pools.previousHomes,
      previousMoves: pools.previousMoves,
      blindUntil: state.blindUntil,
      quietAfterMs: quietAfterMs(config.timing),
      hold: holdWorld(state, now, config),
      signals: withAsked(state.care.signals, pools.effective, state.tasks),
      explain: explainer(state.care.book),
    },
    now,
  );
  const isKnocking = [...state.nodes.values()].some((entry) => knocks(entry, now, config.timing));
  const unheard = heardByOthers(state, nodes);
  const idleMs = unheard.length > 0 ? deafnessLookMs(config.timing) : PUBLISH_EVERY_MS;
  const nextLook = undecided || isKnocking ? beatMs(config.timing) : idleMs;
  const tasked = runTasks(state, pools, result.state, now);
  const wakeAt = Math.min(result.wakeAt, healthWakeAt(state.care.book), tasked.wakeAt);
  const reconcileAt = Math.min(wakeAt, addMs(now, nextLook)) as Monotonic;
  const care = { ...state.care, moves: noteMoves(state, result.state, result.views, now) };
  const { tasks, master: decided } = tasked;
  const next: ControllerState = { ...state, care, tasks, master: decided, dirty: false, reconcileAt, restUntil: NEVER };
  const effects: ControllerEffect[] = result.outgoing.map(({ session, assignment }) => ({
    kind: 'send',
    session,
    message: { kind: 'assignment', ...assignment },
  }));
  effects.push(...configs, ...restoring);
  const [compared, told] = compare(next, nodes, result.state, now);
  effects.push(...told);
  effects.push(...moveLines(master, result.state, result.views));
  const [walked, steps] = walkElectorate(compared, nodes, result.keeping, now, config);
  const report = statusReport(walked, pools, nodes, result.views, config, master.term, now);
  effects.push({ kind: 'publish', report });
  effects.push(...tasked.effects, ...lifecycle(next, nodes, result.state, now), ...steps);
  const [after, farewell] = leaveToWhoHearsMore(walked, unheard, result.views, now, config);
  return [after, farewell.length === 0 ? effects : [...effects, ...farewell]];
}

/** Once per reign, as soon as every node has told what it holds: does it agree with the record? */
function compare(state: ControllerState, nodes: NodeTable, master: MasterState, now: Monotonic): ControllerStep {
  const open = (entry: NodeEntry): boolean =>
    entry.gone === 'no' && isUnsettled(entry, master.commitments.get(entry.node), master.term);
  const { recordFound } = state;
  if (!recordFound || now < state.blindUntil || [...nodes.values()].some(open)) return [state, []];
  const holders = new Map<VipAddress, NodeName>();
  for (const { node, applied } of nodes.values()) for (const { vip } of applied?.held ?? []) holders.set(vip, node);
  const found = differences(recordFound, holders);
  return [{ ...state, recordFound: undefined }, found.map((difference) => ({ kind: 'difference', difference }))];
}

/** Pools are protected before their VIPs can be bound, and let go when nobody can hold a VIP of theirs any more. */
function lifecycle(state: ControllerState, nodes: NodeTable, master: MasterState, now: Monotonic): ControllerEffect[] {
  const effects: ControllerEffect[] = [];
  for (const { name, deleting } of state.pools?.manifests.values() ?? []) {
    if (!deleting) effects.push({ kind: 'protect', pool: name });
    else if (now >= state.blindUntil && !mayBeHeld(nodes, master, name)) effects.push({ kind: 'finalize', pool: name });
  }
  return effects;
}

function mayBeHeld(nodes: NodeTable, master: MasterState, pool: string): boolean {
  for (const entry of nodes.values()) {
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
