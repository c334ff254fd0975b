/**
 * Faults of a node that are over: an interface that its pools use lost its carrier, nobody answered it there, or its lease
 * ended. One that has several of them is held off like one whose checks flap, by the damping of each pool (damping.ts).
 *
 * Only its own count. Where every other node of its pools failed meanwhile as well, it is the switch, the controllers or
 * the power of all of them, and no node shall be avoided for that. A planned stop is no fault.
 */
import { damp, type Damped, heldOffUntil as dampedUntil, UNSEEN } from './damping.ts';
import type { Damping } from './health-spec.ts';
import { sameLease } from './lease-name.ts';
import type { LeaseName } from './messages.ts';
import { silentOn } from './neighbours.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { usedWithoutCarrier } from './pool-interfaces.ts';
import { matchesSelector, type Pool } from './pool.ts';
import { SharedMap } from './shared-map.ts';
import type { NodeName } from './ids.ts';
import type { Monotonic } from './time.ts';

export interface NodeFault {
  readonly from: Monotonic;
  readonly until: Monotonic;
}

/** The same object for as long as nothing of it changes. */
export interface Flaps {
  /** Since when an interface has been without carrier or answers; undefined: none is, or it has been so all along. */
  readonly badSince: Monotonic | undefined;
  /** The newest last. */
  readonly faults: readonly NodeFault[];
}

export const NO_FLAPS: Flaps = { badSince: undefined, faults: [] };

/** More say nothing new: whoever fails that often within a window is held off for the longest time by then. */
const FAULTS_KEPT = 16;

/**
 * After a report on the interfaces of the node.
 *
 * @param pools undefined: nobody knows yet which interfaces matter, and nothing is counted
 */
export function flapsHeard(
  table: NodeTable,
  before: NodeEntry,
  after: NodeEntry,
  pools: readonly Pool[] | undefined,
  now: Monotonic,
): Flaps {
  const { flaps } = before;
  const isBad = pools !== undefined && isFaulty(after, pools);
  if (pools === undefined || isBad === (flaps.badSince !== undefined)) return flaps;
  if (flaps.badSince !== undefined) return withFault(table, after, flaps.badSince, pools, now);
  // A node that begins, or a pool that it is new to, may find the link down: nothing was lost.
  const wasWell = before.management !== undefined && !isFaulty(before, pools);
  return wasWell && !before.leaving ? { ...flaps, badSince: now } : flaps;
}

/** When another lease of a node that is known begins. Whoever said goodbye, or was about to, had not failed. */
export function flapsOfLease(
  table: NodeTable,
  known: NodeEntry | undefined,
  next: LeaseName,
  pools: readonly Pool[] | undefined,
  now: Monotonic,
): Flaps {
  if (!known) return NO_FLAPS;
  const { flaps, gone, lease, leaving, lastHeard, management } = known;
  if (sameLease(lease, next)) return flaps;
  const isNewLife = lease.incarnation !== next.incarnation;
  // Of a new life nothing is known of its interfaces; of the same one the fault goes on.
  const rest = isNewLife && flaps.badSince !== undefined ? { ...flaps, badSince: undefined } : flaps;
  // Only the silence of a node that this controller has heard itself: that it, or a majority, was away is no fault of the node.
  if (gone !== 'lease-ended' || leaving || management === undefined || rest.badSince !== undefined) return rest;
  return withFault(table, { ...known, flaps: rest }, flaps.badSince ?? lastHeard, pools, now);
}

/** Whoever drains a node works on it: what happened until it is given VIPs again is forgotten. */
export function forgetFlaps(table: NodeTable, isDrained: (node: NodeName) => boolean): NodeTable {
  let next = table;
  for (const entry of table.values()) {
    if (entry.flaps === NO_FLAPS || !isDrained(entry.node)) continue;
    next = SharedMap.of(next).with(entry.node, { ...entry, flaps: NO_FLAPS });
  }
  return next;
}

/** Until when nothing that is well elsewhere shall move to the node; undefined: it has not failed twice within the window. */
export function heldOffUntil({ faults }: Flaps, damping: Damping): Monotonic | undefined {
  if (faults.length < 2) return undefined;
  let item: Damped = UNSEEN;
  for (const { from, until } of faults) item = damp(damp(item, 'bad', damping, from), 'well', damping, until);
  return dampedUntil(item, damping);
}

const isFaulty = (entry: NodeEntry, pools: readonly Pool[]): boolean =>
  silentOn(entry.reach).size > 0 || usedWithoutCarrier(entry, pools).length > 0;

function withFault(
  table: NodeTable,
  entry: NodeEntry,
  from: Monotonic,
  pools: readonly Pool[] | undefined,
  now: Monotonic,
): Flaps {
  const { faults } = entry.flaps;
  const isOwn = [...table.values()].some((other) => isPeer(other, entry, pools) && wasWell(other, from, pools));
  return { badSince: undefined, faults: isOwn ? [...faults, { from, until: now }].slice(-FAULTS_KEPT) : faults };
}

const isPeer = (other: NodeEntry, { node, labels }: NodeEntry, pools: readonly Pool[] | undefined): boolean =>
  other.node !== node &&
  (pools === undefined || pools.some((pool) => matchesSelector(pool, labels) && matchesSelector(pool, other.labels)));

/** Up without a break since before then. Who misses answers may be the last to notice that the switch has failed. */
const wasWell = (entry: NodeEntry, from: Monotonic, pools: readonly Pool[] | undefined): boolean =>
  entry.gone === 'no' &&
  entry.leaseValid &&
  entry.stableSince <= from &&
  !entry.reach.some(({ state }) => state === 'Suspect' || state === 'Silent') &&
  (pools === undefined || usedWithoutCarrier(entry, pools).length === 0);
