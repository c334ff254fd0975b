/** Pools with the same rules about the same nodes see the same nodes: these are looked at once, not once for each pool. */
import type { Member } from '../membership.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { remembered } from '../remembered.ts';
import type { Monotonic } from '../time.ts';
import { type Candidates, candidatesOf, type CandidatesWorld } from './candidates.ts';
import { type Roster, rosterOf } from './roster.ts';
import { NO_POOL_SIGNALS } from './signals.ts';

/** Made so far in one look at the world. */
export interface Shared {
  readonly rosters: Map<string, Roster>;
  readonly candidates: Map<Roster, Map<string, Candidates>>;
}

export const nothingShared = (): Shared => ({ rosters: new Map(), candidates: new Map() });

export interface SharedWorld extends CandidatesWorld {
  /** Members of all pools. */
  readonly members: readonly Member[];
  readonly shared: Shared;
}

export function sharedRoster(pool: Pool, { members, signals, shared }: SharedWorld): Roster {
  const { weights, preferredNodes, zoneKey } = pool.placement;
  const key = JSON.stringify([pool.nodeSelector, weights, preferredNodes, zoneKey]);
  const own = (): readonly Member[] => members.filter(({ labels }) => matchesSelector(pool, labels));
  const roster = shared.rosters.get(key) ?? rosterOf(pool.placement, own(), signals.nodeWeights);
  shared.rosters.set(key, roster);
  return roster;
}

/** What candidates depend on in the pool itself. Each decision asks for it. */
const candidatesKey = remembered((pool: Pool) =>
  JSON.stringify([pool.interface, pool.placement.follow.kind, pool.failback.delayMs, pool.health.damping]),
);

/** @param before of the same roster */
export function sharedCandidates(
  pool: Pool,
  roster: Roster,
  full: Candidates['full'],
  world: SharedWorld,
  before: Candidates | undefined,
  now: Monotonic,
): Candidates {
  const signals = world.signals.pools.get(pool.name) ?? NO_POOL_SIGNALS;
  // Signals and load may say something of this pool alone, and for one without VIPs nobody is silent.
  const isUsual = signals === NO_POOL_SIGNALS && full.size === 0 && pool.vips.length > 0;
  if (!isUsual) return candidatesOf(pool, roster, full, world, before, now);
  const key = candidatesKey(pool);
  const ofRoster = world.shared.candidates.get(roster) ?? new Map<string, Candidates>();
  const candidates = ofRoster.get(key) ?? candidatesOf(pool, roster, full, world, before, now);
  world.shared.candidates.set(roster, ofRoster.set(key, candidates));
  return candidates;
}
