/**
 * An agent that stops hands its VIPs over like a drained node: it says so, goes on until the master has given them to
 * others, and only then lets go and leaves. A master that is just being replaced, as on a host that is shut down, thus
 * costs nobody anything. What nobody takes within one lease is let go of all the same.
 */
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { BoundAddress } from './agent-memory.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, NO_EFFECTS } from './agent-state.ts';
import { ours } from './lease-keeping.ts';
import { appliedReport, healthChanged, toAll } from './reports.ts';

/** A successor needs about half of it: where a lease is shorter, it would come too late for the VIPs. */
const SUCCESSION_MS = 250;
const RECENT_BEATS = 3;

/** Whether what is held could be left to a successor on this host at a time. */
export type SuccessionChance = 'now' | 'later' | 'never';

/**
 * A successor has to reach a majority anew within the lease. It shall not depend on every single controller that is left while
 * one of them is away, as when controllers are replaced as well: that is soon over.
 */
export function successionChance(
  { electorate, ackedAt }: AgentState,
  now: Monotonic,
  { timing: { leaseMs, heartbeatMs } }: AgentConfig,
): SuccessionChance {
  if (leaseMs < SUCCESSION_MS || !electorate) return 'never';
  const recent = addMs(now, -RECENT_BEATS * heartbeatMs);
  return electorate.members.every(({ id }) => (ackedAt.get(id) ?? NEVER) > recent) ? 'now' : 'later';
}

/** `keep`: a successor on this host goes on with what is held. */
export function stop(state: AgentState, mode: 'handover' | 'keep', now: Monotonic, config: AgentConfig): AgentStep {
  if (mode === 'keep') return [{ ...state, phase: 'stopped' }, []];
  return [healthChanged({ ...state, leaveBy: addMs(now, config.timing.leaseMs) }), []];
}

/** The end of the hand-over, where one is under way and nothing is left to wait for. */
export function leave(state: AgentState, now: Monotonic): AgentStep {
  const { phase, leaveBy, bound } = state;
  const isOver = leaveBy !== undefined && (bound.size === 0 || now >= leaveBy);
  if (phase !== 'running' || !isOver) return [state, NO_EFFECTS];
  return [{ ...state, phase: 'leaving' }, [{ kind: 'fence-close' }, { kind: 'change', remove: ours(state), put: [] }]];
}

/** A goodbye lets others bind at once what we held, so it is said only when nothing of ours is left. */
export function farewell(state: AgentState, marked: readonly BoundAddress[], config: AgentConfig): AgentStep {
  const left = new Set(marked.map(({ vip }) => vip));
  const bound = new Map([...state.bound].filter(([vip]) => left.has(vip)));
  const next: AgentState = { ...state, phase: 'stopped', bound, leaseUntil: NEVER, fenceUntil: NEVER };
  const forget: AgentEffect = { kind: 'save-lease', validUntil: NEVER };
  if (left.size === 0) return [next, [forget, ...toAll(next, { kind: 'goodbye', reason: 'agent stopped' })]];
  const fields = { node: config.node, vips: [...left] };
  const message = 'VIPs left behind: they are free for others when the node lease ends';
  return [next, [forget, ...toAll(next, appliedReport(next)), { kind: 'log', level: 'error', message, fields }]];
}
