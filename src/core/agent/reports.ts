/** What the agent tells the controllers. */
import { UNMEASURED } from '../check-state.ts';
import type { ControllerId } from '../ids.ts';
import type { AgentMessage } from '../messages.ts';
import type { Monotonic } from '../time.ts';
import { holdPools, rightsOf } from './hold-rights.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';

/** To the master first: it is the one that acts on it, and each message costs a little time. */
export function toAll({ connected, highestTerm }: AgentState, message: AgentMessage): AgentEffect[] {
  const master = highestTerm?.instance.id;
  const rest = [...connected].filter((controller) => controller !== master);
  const order = master !== undefined && connected.has(master) ? [master, ...rest] : rest;
  return order.map((controller) => ({ kind: 'send', controller, message }));
}

/** The first messages on a new stream: who we are, what we see, what we hold. */
export function greet(state: AgentState, controller: ControllerId, now: Monotonic, config: AgentConfig): AgentEffect[] {
  const messages: AgentMessage[] = [
    {
      kind: 'hello',
      node: config.node,
      machineId: config.machineId,
      bootId: config.bootId,
      lease: state.lease,
      leaseHeldMs: hasLease(state, now) && state.leaseSince !== undefined ? now - state.leaseSince : 0,
      labels: config.labels,
      agentVersion: config.agentVersion,
      electorate: config.electorate,
      witnessAddress: config.witnessAddress,
    },
    healthReport(state),
    appliedReport(state),
  ];
  return messages.map((message) => ({ kind: 'send', controller, message }));
}

const healthReport = ({ healthNumber, interfaces, fence, realtime }: AgentState): AgentMessage => ({
  kind: 'health',
  number: healthNumber,
  interfaces,
  fence,
  realtime,
  checks: [],
  management: UNMEASURED,
  service: UNMEASURED,
});

/** Something that a health report tells has changed. */
export function healthChanged(before: AgentState): AgentStep {
  const state = { ...before, healthNumber: before.healthNumber + 1 };
  return [state, toAll(state, healthReport(state))];
}

export const heartbeat = (state: AgentState, now: Monotonic): AgentEffect[] =>
  toAll(state, {
    kind: 'heartbeat',
    sequence: state.sequence,
    lease: state.lease,
    leaseValid: hasLease(state, now),
    highestTerm: state.highestTerm,
  });

export const appliedReport = (state: AgentState): AgentMessage & { kind: 'applied' } => ({
  kind: 'applied',
  lease: state.lease,
  term: state.assignment?.term,
  version: state.assignment?.version ?? 0,
  held: [...state.bound.values()].map(({ vip, pool, interface: name, prefixLength }) => ({
    vip,
    pool,
    interface: name,
    prefixLength,
  })),
  refused: state.refused,
  rivals: [...state.rivals].map(([vip, { mac }]) => ({ vip, mac })),
  holds: rightsOf(holdPools(state)),
});

/** Tells the controllers where what they were told last is no longer true. */
export function report(state: AgentState): AgentStep {
  // A version is applied when every effect of it has ended.
  if (state.probing.size > 0) return [state, []];
  const message = appliedReport(state);
  const text = JSON.stringify(message);
  return text === state.reported ? [state, []] : [{ ...state, reported: text }, toAll(state, message)];
}
