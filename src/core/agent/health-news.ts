/** After every event: what it means for the health of this host, and whether the controllers have to know. */
import { addMs, type Monotonic } from '../time.ts';
import type { PoolName, VipAddress } from '../ids.ts';
import type { NetworkState } from '../check-state.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, NO_EFFECTS } from './agent-state.ts';
import { checksWakeAt, expireChecks, lookAtInterfaces, rolesChanged } from './checking.ts';
import type { HealthState } from './health-state.ts';
import { managementView, noteworthy, serviceView } from './network-view.ts';
import { isSeenAlike } from './reach.ts';
import { continueReaching, reachingWakeAt } from './reaching.ts';
import { tidyRepairs } from './repairing.ts';
import { healthReport, toAll } from './reports.ts';

/** Outputs and round-trip times alone are told at most this often. */
const DETAILS_EVERY_MS = 10_000;
/** Of many changes at once the first is told at once, and the others together. */
const VERDICTS_EVERY_MS = 20;

export function settleHealth(before: AgentState, after: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  if (after.phase !== 'running' || isSettled(before, after, now)) return [after, NO_EFFECTS];
  const effects: AgentEffect[] = [];
  let state = after;
  const run = ([next, more]: AgentStep): void => {
    state = next;
    if (more.length > 0) effects.push(...more);
  };
  run(noteHeld(before, state, now));
  run(noteCarriers(before, state));
  run(expireChecks(state, now));
  if (isSeenAnew(before, state)) run(lookAtInterfaces(state, now, config));
  run(tidyRepairs(state, now));
  run(continueReaching(state, now, config));
  state = viewNetworks(before, state, now, config);
  run(tell(state, now));
  return [state, effects];
}

/** Most events: nothing has changed that health is made of, and nothing of it is due. */
const isSettled = (before: AgentState, after: AgentState, now: Monotonic): boolean =>
  after.bound === before.bound &&
  after.assignment === before.assignment &&
  after.sequence === before.sequence &&
  after.health.checks === before.health.checks &&
  !isHeardAnew(before, after) &&
  after.health.repairs.size === 0 &&
  !isSeenAnew(before, after) &&
  now < healthWakeAt(after);

export const healthWakeAt = ({ health }: AgentState): Monotonic =>
  Math.min(checksWakeAt(health), reachingWakeAt(health), tellAt(health)) as Monotonic;

function tellAt({ untold, toldAt }: HealthState): Monotonic {
  switch (untold) {
    case 'nothing':
      return Number.POSITIVE_INFINITY as Monotonic;
    case 'details':
      return addMs(toldAt, DETAILS_EVERY_MS);
    case 'verdicts':
      return addMs(toldAt, VERDICTS_EVERY_MS);
  }
}

function tell(before: AgentState, now: Monotonic): AgentStep {
  if (now < tellAt(before.health)) return [before, []];
  const health: HealthState = { ...before.health, untold: 'nothing', toldAt: now };
  const state = { ...before, healthNumber: before.healthNumber + 1, health };
  return [state, toAll(state, healthReport(state, now))];
}

/** Which VIPs of each pool are held decides who is checked, and what programs are told. */
function noteHeld({ bound }: AgentState, state: AgentState, now: Monotonic): AgentStep {
  if (bound === state.bound || isSameHeld(bound, state.bound)) return [state, []];
  const held = new Map<PoolName, VipAddress[]>();
  for (const { pool, vip } of state.bound.values()) {
    const vips = held.get(pool);
    if (vips) vips.push(vip);
    else held.set(pool, [vip]);
  }
  const [next, effects] = rolesChanged({ ...state, health: { ...state.health, held } }, now);
  return [next, state.health.config === undefined ? effects : [{ kind: 'set-held', held }, ...effects]];
}

function isSameHeld(before: AgentState['bound'], after: AgentState['bound']): boolean {
  if (before.size !== after.size) return false;
  for (const [vip, { pool }] of after) if (before.get(vip)?.pool !== pool) return false;
  return true;
}

function noteCarriers(before: AgentState, state: AgentState): AgentStep {
  const { assignment, health } = state;
  if (assignment === undefined || assignment === before.assignment) return [state, []];
  const now = new Map<PoolName, Set<string>>();
  for (const { pool, interface: name } of assignment.vips) {
    const names = now.get(pool);
    if (names) names.add(name);
    else now.set(pool, new Set([name]));
  }
  const carriers = new Map(health.carriers);
  for (const [pool, names] of now) carriers.set(pool, [...names]);
  return [{ ...state, health: { ...health, carriers } }, []];
}

const isSeenAnew = (before: AgentState, { interfaces, health }: AgentState): boolean =>
  interfaces !== before.interfaces ||
  health.carriers !== before.health.carriers ||
  health.held !== before.health.held ||
  health.config !== before.health.config;

/** Neighbours answer many times in a second, and mostly that is no news. */
function isHeardAnew(before: AgentState, after: AgentState): boolean {
  const known = before.health.reaching.tracks;
  const { tracks } = after.health.reaching;
  if (tracks === known) return false;
  for (const [name, track] of tracks) if (!isSeenAlike(known.get(name), track)) return true;
  return tracks.size !== known.size;
}

function viewNetworks(before: AgentState, state: AgentState, now: Monotonic, config: AgentConfig): AgentState {
  let { health } = state;
  if (state.sequence !== before.sequence) {
    health = withView(health, 'management', managementView(health, state.electorate, now, config));
  }
  const isAnew =
    state.interfaces !== before.interfaces || health.checks !== before.health.checks || isHeardAnew(before, state);
  if (isAnew) {
    const tracks = [...health.reaching.tracks.values()];
    health = withView(health, 'service', serviceView(state.interfaces, health.checks.values(), tracks));
  }
  return health === state.health ? state : { ...state, health };
}

function withView(health: HealthState, network: 'management' | 'service', seen: NetworkState): HealthState {
  const view = noteworthy(health[network], seen);
  if (view === health[network]) return health;
  const isNews = view.reachable !== health[network].reachable;
  const untold = isNews ? 'verdicts' : health.untold === 'nothing' ? 'details' : health.untold;
  return { ...health, [network]: view, untold };
}
