/** What an agent's message changes in this controller, master or not. */
import { abstains, followed } from '../ballot.ts';
import { versionOf } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import { leaseKey } from '../lease-name.ts';
import type { AgentMessage, ControllerMessage, Heartbeat, Hello, NackReason } from '../messages.ts';
import {
  nodeApplied,
  nodeHealth,
  nodeHeartbeat,
  nodeKnocked,
  nodeSaidGoodbye,
  nodeSaidHello,
  type NodeEntry,
} from '../node-table.ts';
import { compareTerms, type Term } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type {
  ControllerConfig,
  ControllerEffect,
  ControllerState,
  ControllerStep,
  WaitingSession,
} from './controller-state.ts';
import { barred } from './barring.ts';
import { healthHeard } from './caring.ts';
import { withTable } from './lease-table.ts';
import { comparedVersion } from './electorate-keeping.ts';
import { byVotes, mayAct } from './mandate.ts';
import { calls } from './resting.ts';
import { takesPart } from './standing.ts';

/** A stream that a newer one of the same node has replaced has nothing to say any more. */
function entryOf({ nodes, sessions }: ControllerState, session: number): NodeEntry | undefined {
  const node = sessions.get(session);
  const entry = node === undefined ? undefined : nodes.get(node);
  return entry?.session === session ? entry : undefined;
}

export function agentMessage(
  state: ControllerState,
  session: number,
  message: AgentMessage,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (message.kind === 'hello') return hello(state, session, message, now, config);
  const waiting = state.waiting.get(session);
  if (waiting) return [keepWaiting(state, session, waiting, message), []];
  const entry = entryOf(state, session);
  if (!entry) return [state, []];
  switch (message.kind) {
    case 'heartbeat':
      return heartbeat(state, session, entry, message, now, config);
    case 'health': {
      const nodes = nodeHealth(state.nodes, entry, message, now, state.pools?.effective);
      const after = nodes?.get(entry.node);
      if (!nodes || !after) return [state, []];
      const dirty = state.dirty || calls(state, entry, after);
      return [healthHeard({ ...state, nodes, dirty }, entry.node, now), []];
    }
    case 'applied': {
      const nodes = nodeApplied(state.nodes, entry, message, now, state.pools?.effective);
      return nodes ? withTable({ ...state, dirty: true }, nodes, [entry.node], now, config) : [state, []];
    }
    case 'goodbye': {
      const fields = { node: entry.node, reason: message.reason };
      const nodes = nodeSaidGoodbye(state.nodes, entry);
      const [next, effects] = withTable(state, nodes, [entry.node], now, config);
      return [next, [...effects, { kind: 'log', level: 'info', message: 'agent left', fields }]];
    }
    case 'barred':
      return barred(state, entry, message);
  }
}

/** Acknowledged, unless something forbids it; either way the agent learns our term, and we learn its. */
function heartbeat(
  before: ControllerState,
  session: number,
  entry: NodeEntry,
  beat: Heartbeat,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  // A lease that a majority revoked is over for the master, also one that it hears itself: who acknowledges it on, while one
  // of that majority forgets, would keep alive what it takes for lost, and could neither use it nor take it back.
  const over = before.verdicts?.over;
  const isOver = over !== undefined && over.size > 0 && over.has(leaseKey(entry.node, beat.lease));
  const heard = before.standing === 'joining' ? unrevoked(entry) : entry;
  const nodes = isOver ? undefined : nodeHeartbeat(before.nodes, heard, beat, now, before.pools?.effective);
  const [state, effects] = withTable(
    before,
    nodes ?? nodeKnocked(before.nodes, entry, beat, now),
    [entry.node],
    now,
    config,
  );
  const after = state.nodes.get(entry.node);
  const dirty =
    state.dirty ||
    after?.leaseValid !== entry.leaseValid ||
    (state.master !== undefined && learnt(entry.highestTerm, after.highestTerm, state.master.term));
  const reason = nodes ? silence(state, beat, now) : 'Revoked';
  const { sequence } = beat;
  const term = state.ballot.highestTerm;
  const message: ControllerMessage = reason
    ? { kind: 'nack', sequence, term, reason }
    : { kind: 'ack', sequence, term, master: masterId(state, now, config), electorate: beat.electorate };
  const next = comparedVersion(dirty === state.dirty ? state : { ...state, dirty }, beat.electorate, now);
  const answers = [...electorateFor(state, session, beat.electorate), { kind: 'send', session, message } as const];
  return [next, effects.length === 0 ? answers : [...effects, ...answers]];
}

/** Nobody counts the revocations of who joins, and no master would take them back: it hears whoever it hears. */
const unrevoked = (entry: NodeEntry): NodeEntry => (entry.gone === 'lease-ended' ? { ...entry, gone: 'no' } : entry);

/** The master waits for each node to learn of its term. */
const learnt = (before: Term | undefined, after: Term | undefined, term: Term): boolean =>
  before !== after &&
  after !== undefined &&
  compareTerms(after, term) >= 0 &&
  !(before && compareTerms(before, term) >= 0);

/** Who is behind is told first: what it would count an answer by has changed. */
function electorateFor({ electorate }: ControllerState, session: number, version: number): ControllerEffect[] {
  if (!electorate || version >= electorate.version) return [];
  return [{ kind: 'send', session, message: { kind: 'electorate', electorate } }];
}

/** Why this controller does not acknowledge that heartbeat now. */
function silence(state: ControllerState, beat: Heartbeat, now: Monotonic): NackReason | undefined {
  const { electorate, standing } = state;
  if (!electorate || !takesPart(standing) || beat.electorate !== electorate.version) return 'OtherElectorate';
  if (abstains(state.ballot, now)) return 'Abstaining';
  return electorate.members.length === 2 && !byVotes(state) && !mayAct(state, now) ? 'Standby' : undefined;
}

function masterId(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerId | undefined {
  if (mayAct(state, now)) return config.self.id;
  return byVotes(state) ? followed(state.ballot, now)?.instance.id : state.ballot.highestTerm?.instance.id;
}

function hello(
  state: ControllerState,
  session: number,
  message: Hello,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  // The first message of a session; one that comes twice says nothing new.
  const current = state.nodes.get(message.node)?.session;
  if (current === session || state.waiting.has(session)) return [state, []];
  // Streams are numbered as they open: this one is of a process that has ended, or gave it up, before the present one.
  if (current !== undefined && session < current) return [state, []];
  const known = electorateFor(state, session, message.electorate === undefined ? 0 : versionOf(message.electorate));
  const { pools } = state;
  const ofHost = pools?.hostLabels?.get(message.node);
  const nodes = nodeSaidHello(state.nodes, message, session, now, ofHost, pools?.effective);
  const fields = { node: message.node, ...message.lease };
  if (nodes) {
    const waiting = without(state.waiting, session);
    const sessions = new Map(state.sessions).set(session, message.node);
    const [next, effects] = withTable({ ...state, waiting, sessions, dirty: true }, nodes, [message.node], now, config);
    const text = 'agent connected';
    return [next, [...effects, ...known, { kind: 'log', level: 'info', message: text, fields }]];
  }
  const waiting = new Map(state.waiting).set(session, { hello: message, health: undefined, applied: undefined });
  const text = 'agent has to wait: another life of its node may still hold a lease';
  return [{ ...state, waiting }, [...known, { kind: 'log', level: 'info', message: text, fields }]];
}

export const without = <T>(map: ReadonlyMap<number, T>, session: number): ReadonlyMap<number, T> =>
  map.has(session) ? new Map([...map].filter(([id]) => id !== session)) : map;

function keepWaiting(
  state: ControllerState,
  session: number,
  waiting: WaitingSession,
  message: AgentMessage,
): ControllerState {
  switch (message.kind) {
    case 'health':
      if (message.number < (waiting.health?.number ?? 0)) return state;
      return { ...state, waiting: new Map(state.waiting).set(session, { ...waiting, health: message }) };
    case 'applied':
      return { ...state, waiting: new Map(state.waiting).set(session, { ...waiting, applied: message }) };
    case 'goodbye':
      return { ...state, waiting: without(state.waiting, session) };
    case 'hello':
    case 'barred':
    case 'heartbeat':
      return state;
  }
}

/** Lets in the waiting sessions of nodes whose old lease has ended. */
export function admitWaiting(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  let next = state;
  const effects: ControllerEffect[] = [];
  for (const [session, { hello, health, applied }] of state.waiting) {
    if (next.nodes.get(hello.node)?.gone === 'no') continue;
    next = { ...next, waiting: without(next.waiting, session) };
    const messages: AgentMessage[] = [{ kind: 'hello', ...hello }];
    if (health) messages.push({ kind: 'health', ...health });
    if (applied) messages.push({ kind: 'applied', ...applied });
    for (const message of messages) {
      const [after, more] = agentMessage(next, session, message, now, config);
      next = after;
      effects.push(...more);
    }
  }
  return [next, effects];
}
