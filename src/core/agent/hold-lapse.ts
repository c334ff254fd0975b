/**
 * What becomes of VIPs when the node lease ends while peers confirm some of them (failure model: Hold). The lease keeps
 * its name, and may become valid again; but whatever the controllers said before it ended must not come true after that,
 * since some of them may count it as over. So every version that can be on its way is passed over.
 */
import type { ControllerId, VipAddress } from '../ids.ts';
import type { HoldPool } from '../messages.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, NO_EFFECTS } from './agent-state.ts';
import { addressOf, bindingChange } from './bindings.ts';
import { ofMembers, quorum } from './counting.ts';
import { holdPools, isLapsed, isOfPools, NODE_LEASE, runningPools } from './hold-rights.ts';
import { endLease, memoryOf, ours } from './lease-keeping.ts';
import { startAskingAll } from './rejoining.ts';
import { report } from './reports.ts';
import { leapVersions } from './version-leap.ts';

/** The node lease has ended: everything goes but what is confirmed. */
export function lapse(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  // The kernel may end the lease a little before its time: what is left of that is no right to go on.
  const running = runningPools({ ...state, leaseUntil: NEVER }, now, config);
  if (!state.assignment || running.length === 0) return endLease(state, now, config);
  const lapsed: AgentState = {
    ...leapVersions(state),
    leaseUntil: NEVER,
    fenceUntil: NEVER,
    leaseSince: undefined,
    probing: new Map(),
    hold: { ...state.hold, refusedAt: new Map(), refusedSince: undefined },
  };
  const fields = { ...state.lease, pools: running.map(({ name }) => name) };
  const told: AgentEffect = {
    kind: 'log',
    level: 'warn',
    message: 'node lease ended: only what peers confirm is kept',
    fields,
  };
  const [next, effects] = keepOnly(lapsed, running, now, config);
  return [next, [{ kind: 'fence-close', fenceClass: NODE_LEASE }, ...effects, told]];
}

/** Longer than that nobody of a majority that refuses stays silent. */
const REFUSAL_LIFE_BEATS = 2.5;

/** The controllers are there, and do not want this lease any more. */
export function revokedBy(
  state: AgentState,
  controller: ControllerId,
  sentAt: Monotonic,
  now: Monotonic,
  config: AgentConfig,
): AgentState {
  const refusedAt = new Map(state.hold.refusedAt).set(controller, sentAt);
  const refusedSince = majorityRefuses(state, refusedAt, now, config) ? (state.hold.refusedSince ?? now) : undefined;
  return { ...state, hold: { ...state.hold, refusedAt, refusedSince } };
}

function majorityRefuses(
  state: AgentState,
  refusedAt: ReadonlyMap<ControllerId, Monotonic>,
  now: Monotonic,
  { timing }: AgentConfig,
): boolean {
  const oldest = addMs(now, -REFUSAL_LIFE_BEATS * timing.heartbeatMs);
  return [...ofMembers(state, refusedAt).values()].filter((at) => at >= oldest).length >= quorum(state);
}

/** For a lease the master may still take the revocation back; a majority that goes on refusing has given our VIPs away. */
function isRefused(state: AgentState, now: Monotonic, config: AgentConfig): boolean {
  const { refusedAt, refusedSince } = state.hold;
  if (refusedSince === undefined || now - refusedSince < config.timing.leaseMs) return false;
  return majorityRefuses(state, refusedAt, now, config);
}

/** Without a lease: lets go of pools whose right has ended. */
export function endRights(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  if (!isLapsed(state)) return [state, NO_EFFECTS];
  const running = runningPools(state, now, config);
  if (running.length === 0 || isRefused(state, now, config)) return endLease(state, now, config);
  return running.length === holdPools(state).length ? [state, []] : keepOnly(state, running, now, config);
}

/** Somebody else answers for what we kept: it was given away, and so can be everything else. */
export const keptIsClaimed = (state: AgentState, vip: VipAddress): boolean => isLapsed(state) && state.bound.has(vip);

function keepOnly(before: AgentState, running: readonly HoldPool[], now: Monotonic, config: AgentConfig): AgentStep {
  const { assignment } = before;
  if (!assignment) return [before, []];
  const vips = assignment.vips.filter((item) => before.bound.has(item.vip) && isOfPools(running, item));
  const rejoining = startAskingAll(vips.map(addressOf), now);
  const state: AgentState = { ...before, rejoining, assignment: { ...assignment, vips, holdPools: running } };
  const [next, messages] = report(state);
  const effects: AgentEffect[] = [
    { kind: 'save', memory: memoryOf(next, config) },
    // What was on its way to the interface when we were held up is nobody's any more.
    { kind: 'change', ...bindingChange(ours(before), vips.map(addressOf)) },
    ...messages,
  ];
  return [next, effects];
}
