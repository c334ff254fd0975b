/** What the agent tells the controllers. */
import type { CheckState } from '../check-state.ts';
import { electorateName } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import type { AgentMessage } from '../messages.ts';
import type { Monotonic } from '../time.ts';
import { holdPools, rightsOf } from './hold-rights.ts';
import { answeringOf, reachOf } from './reaching.ts';
import { isRepairing } from './repairing.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';

/** To the master first: it is the one that acts on it, and each message costs a little time. */
export function toAll({ connected, highestTerm }: AgentState, message: AgentMessage): AgentEffect[] {
  const master = highestTerm?.instance.id;
  const effects: AgentEffect[] = [];
  if (master !== undefined && connected.has(master)) effects.push({ kind: 'send', controller: master, message });
  for (const controller of connected) if (controller !== master) effects.push({ kind: 'send', controller, message });
  return effects;
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
      electorate: state.electorate && electorateName(state.electorate),
      witnessAddress: config.witnessAddress,
      answersMulticast: config.answersMulticast,
    },
    healthReport(state, now),
    appliedReport(state),
  ];
  return messages.map((message) => ({ kind: 'send', controller, message }));
}

export const healthReport = (state: AgentState, now: Monotonic): AgentMessage => ({
  kind: 'health',
  number: state.healthNumber,
  interfaces: state.interfaces,
  fence: state.fence,
  realtime: state.realtime,
  checks: checkStates(state, now),
  management: state.health.management,
  service: state.health.service,
  reach: reachOf(state.health),
  answering: answeringOf(state.health),
  leaving: state.leaveBy !== undefined,
  ...(state.health.load && { load: state.health.load.told }),
});

const checkStates = ({ health }: AgentState, now: Monotonic): CheckState[] =>
  [...health.checks.values()].map((track) => ({
    pool: track.check.pool,
    name: track.check.name,
    state: track.verdict,
    output: track.output,
    durationMs: track.durationMs,
    sinceMs: Math.max(0, now - track.since),
    repairing: isRepairing(health, track),
  }));

/** Something that a health report tells has changed. */
export const healthChanged = (state: AgentState): AgentState => ({
  ...state,
  health: { ...state.health, untold: 'verdicts' },
});

export const heartbeat = (state: AgentState, now: Monotonic): AgentEffect[] => toAll(state, beat(state, now));

const beat = (state: AgentState, now: Monotonic): AgentMessage => ({
  kind: 'heartbeat',
  sequence: state.sequence,
  lease: state.lease,
  leaseValid: hasLease(state, now),
  highestTerm: state.highestTerm,
  electorate: state.electorate?.version ?? 0,
  restsOn: state.restsOn,
});

/**
 * A new master gives a node nothing before it knows that the node obeys no earlier one (failure model: Assignments): it is
 * told so at once. The beat of before is repeated, so that no lease is counted from it anew.
 */
export function toNewMaster(before: AgentState, state: AgentState, now: Monotonic): AgentEffect[] {
  const { highestTerm: term, connected, phase } = state;
  if (term === before.highestTerm || term === undefined || phase !== 'running') return [];
  const { id } = term.instance;
  return connected.has(id) ? [{ kind: 'send', controller: id, message: beat(state, now) }] : [];
}

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
