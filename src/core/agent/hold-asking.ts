/** Asking the peers of a pool whether we may go on without a majority of the controllers (failure model: Hold). */
import type { NodeName } from '../ids.ts';
import { sameLease } from '../lease-name.ts';
import { addMs, type Monotonic, monotonic, NEVER } from '../time.ts';
import type { WitnessMessage } from '../witness-messages.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import { extendClasses, holdPools, isLapsed } from './hold-rights.ts';
import { askFrom } from './witnessing.ts';

/** When the next questions are due. */
export function askPeersAt(state: AgentState, { timing }: AgentConfig): Monotonic {
  if (holdPools(state).length === 0 || state.bound.size === 0) return Number.POSITIVE_INFINITY as Monotonic;
  const from = isLapsed(state) ? NEVER : askFrom(state, timing);
  return Math.max(from, addMs(state.hold.askedAt, timing.heartbeatMs / 2)) as Monotonic;
}

export function askPeers(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  if (now < askPeersAt(state, config)) return [state, []];
  // Named by its send time: no run of this boot gives the same number to a later question.
  const sequence = Math.floor(now);
  const question: WitnessMessage = { kind: 'confirm-request', node: config.node, lease: state.lease, sequence };
  const peers = new Set(holdPools(state).flatMap(({ members }) => members.map(({ node }) => node)));
  peers.delete(config.node);
  const questions = [...peers].map((to): AgentEffect => ({ kind: 'witness', to, message: question }));
  const [next, effects] = confirmedBy(
    { ...state, hold: { ...state.hold, askedAt: now } },
    config.node,
    sequence,
    config,
  );
  return [next, [...questions, ...effects]];
}

/** Our own word counts as every other. */
export function confirmAnswered(
  state: AgentState,
  from: NodeName,
  answer: WitnessMessage & { kind: 'confirm-answer' },
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const ours = answer.node === config.node && sameLease(answer.lease, state.lease);
  if (!ours || !answer.confirmed || answer.sequence > now) return [state, []];
  return confirmedBy(state, from, answer.sequence, config);
}

function confirmedBy(state: AgentState, node: NodeName, sentAt: number, config: AgentConfig): AgentStep {
  if ((state.hold.confirmedAt.get(node) ?? NEVER) >= sentAt) return [state, []];
  const confirmedAt = new Map(state.hold.confirmedAt).set(node, monotonic(sentAt));
  const next = { ...state, hold: { ...state.hold, confirmedAt } };
  return [next, extendClasses(next, config)];
}
