/** What an agent's message changes in this controller, master or not. */
import type { AgentMessage, Hello } from '../messages.ts';
import {
  nodeApplied,
  nodeHealth,
  nodeHeartbeat,
  nodeSaidGoodbye,
  nodeSaidHello,
  type NodeEntry,
  type NodeTable,
  sameLease,
} from '../node-table.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerEffect, ControllerState, ControllerStep, WaitingSession } from './controller-state.ts';

const entryOf = (nodes: NodeTable, session: number): NodeEntry | undefined =>
  [...nodes.values()].find((entry) => entry.session === session);

export function agentMessage(
  state: ControllerState,
  session: number,
  message: AgentMessage,
  now: Monotonic,
): ControllerStep {
  if (message.kind === 'hello') return hello(state, session, message, now);
  const waiting = state.waiting.get(session);
  if (waiting) return [keepWaiting(state, session, waiting, message), []];
  const entry = entryOf(state.nodes, session);
  // A stream that a newer one of the same node has replaced has nothing to say any more.
  if (!entry) return [state, []];
  switch (message.kind) {
    case 'heartbeat': {
      const nodes = nodeHeartbeat(state.nodes, entry, message, now);
      if (!nodes) return [state, []];
      const after = nodes.get(entry.node);
      const dirty =
        state.dirty ||
        after?.leaseValid !== entry.leaseValid ||
        after.gone !== entry.gone ||
        !sameLease(after.lease, entry.lease);
      const ack: ControllerEffect = {
        kind: 'send',
        session,
        message: {
          kind: 'ack',
          sequence: message.sequence,
          term: state.election.highestTerm,
          master: state.election.highestTerm?.instance.id,
        },
      };
      return [{ ...state, nodes, dirty }, [ack]];
    }
    case 'health':
      return [{ ...state, nodes: nodeHealth(state.nodes, entry, message, now), dirty: true }, []];
    case 'applied': {
      const nodes = nodeApplied(state.nodes, entry, message);
      return [nodes ? { ...state, nodes, dirty: true } : state, []];
    }
    case 'goodbye': {
      const nodes = nodeSaidGoodbye(state.nodes, entry);
      const fields = { node: entry.node, reason: message.reason };
      return [{ ...state, nodes, dirty: true }, [{ kind: 'log', level: 'info', message: 'agent left', fields }]];
    }
  }
}

function hello(state: ControllerState, session: number, message: Hello, now: Monotonic): ControllerStep {
  const nodes = nodeSaidHello(state.nodes, message, session, now);
  const fields = { node: message.node, ...message.lease };
  if (nodes) {
    const waiting = new Map([...state.waiting].filter(([id]) => id !== session));
    const text = 'agent connected';
    return [{ ...state, nodes, waiting, dirty: true }, [{ kind: 'log', level: 'info', message: text, fields }]];
  }
  const waiting = new Map(state.waiting).set(session, { hello: message, health: undefined, applied: undefined });
  const text = 'agent has to wait: another life of its node may still hold a lease';
  return [{ ...state, waiting }, [{ kind: 'log', level: 'info', message: text, fields }]];
}

function keepWaiting(
  state: ControllerState,
  session: number,
  waiting: WaitingSession,
  message: AgentMessage,
): ControllerState {
  switch (message.kind) {
    case 'health':
      return { ...state, waiting: new Map(state.waiting).set(session, { ...waiting, health: message }) };
    case 'applied':
      return { ...state, waiting: new Map(state.waiting).set(session, { ...waiting, applied: message }) };
    case 'goodbye':
      return { ...state, waiting: new Map([...state.waiting].filter(([id]) => id !== session)) };
    case 'hello':
    case 'heartbeat':
      return state;
  }
}

/** Lets in the waiting sessions of nodes whose old lease has ended. */
export function admitWaiting(state: ControllerState, now: Monotonic): ControllerStep {
  let next = state;
  const effects: ControllerEffect[] = [];
  for (const [session, { hello, health, applied }] of state.waiting) {
    if (next.nodes.get(hello.node)?.gone === 'no') continue;
    const messages: AgentMessage[] = [{ kind: 'hello', ...hello }];
    if (health) messages.push({ kind: 'health', ...health });
    if (applied) messages.push({ kind: 'applied', ...applied });
    for (const message of messages) {
      const [after, more] = agentMessage(next, session, message, now);
      next = after;
      effects.push(...more);
    }
  }
  return [next, effects];
}
