/**
 * The decision about one pool, and what of it can be used again: most events concern few pools, and a pool of which
 * nothing changed is not worked out anew.
 */
import type { NodeName, VipAddress } from '../ids.ts';
import type { Member } from '../membership.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import type { Monotonic } from '../time.ts';
import { assignHomes, type HomeNode } from './homes.ts';
import { place, type Placed, type PlacementInput } from './place.ts';
import { type Candidates, candidatesOf } from './candidates.ts';
import { rosterOf } from './roster.ts';
import { fullNodes, type Signals } from './signals.ts';
import { type Addresses, parseAddresses, subnetObstacle } from './subnets.ts';
import { type Unit, unitsOf } from './units.ts';

export interface PoolPlan {
  readonly pool: Pool;
  readonly units: readonly Unit[];
  /** Members of all pools that this one was chosen from. */
  readonly members: readonly Member[];
  readonly nodeWeights: Signals['nodeWeights'];
  readonly roster: readonly HomeNode[];
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  /** Parsed where the interface of a VIP depends on it. */
  readonly addresses: Addresses;
  readonly full: ReadonlySet<NodeName>;
  readonly candidates: Candidates;
  readonly input: PlacementInput;
  readonly result: ReadonlyMap<VipAddress, Placed>;
  /** Nobody moves, and nobody waits: then the same input gives the same, whatever the other pools hold. */
  readonly isQuiet: boolean;
}

export interface PlanWorld {
  readonly nodes: NodeTable;
  /** The same object for as long as nothing of the nodes has changed that placement looks at. */
  readonly facts: object;
  readonly members: readonly Member[];
  readonly signals: Signals;
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  /** The home that a VIP had, as far as anybody remembers. */
  readonly previousHome: (vip: VipAddress) => NodeName | undefined;
  /** Whether a node has refused this VIP lately. */
  readonly refused: (entry: NodeEntry, vip: VipAddress) => boolean;
  /** VIPs that any node has refused lately. */
  readonly refusedVips: ReadonlySet<VipAddress>;
  readonly lossReason: (vip: VipAddress) => Reason | undefined;
  readonly otherLoad: ReadonlyMap<NodeName, number>;
}

export function planPool(pool: Pool, before: PoolPlan | undefined, world: PlanWorld, now: Monotonic): PoolPlan {
  const { members, signals } = world;
  const { nodeWeights } = signals;
  const last = before?.pool === pool ? before : undefined;
  const units = last?.units ?? unitsOf(pool.vips, pool.placement.groups);
  const addresses = last?.addresses ?? parseAddresses(pool);
  const known = last?.members === members && last.nodeWeights === nodeWeights ? last : undefined;
  const roster = known?.roster ?? rosterOf(pool.placement, membersOf(pool, members), nodeWeights);
  const homes = known && pool.failback.policy !== 'Never' ? known.homes : homesFor(pool, units, roster, world);
  const full = fullNodes(pool.placement.capacity, before?.full ?? new Set(), signals.freeCapacity);
  const candidates = candidatesOf(pool, roster, full, world, known?.candidates, now);
  const input = inputOf(pool, units, homes, candidates, addresses, world);
  const plan = { pool, units, members, nodeWeights, roster, homes, addresses, full, candidates, input };
  if (known && isUnmoved(known, plan, world)) return { ...plan, result: known.result, isQuiet: true };
  const result = letGo(pool, place(input), candidates, signals);
  return { ...plan, result, isQuiet: isAtRest(result) };
}

const membersOf = (pool: Pool, members: readonly Member[]): readonly Member[] =>
  members.filter(({ labels }) => matchesSelector(pool, labels));

function homesFor(
  pool: Pool,
  units: readonly Unit[],
  members: readonly HomeNode[],
  { holders, previousHome }: PlanWorld,
): ReadonlyMap<VipAddress, NodeName> {
  // Who follows a role has no place of its own.
  if (pool.placement.follow.kind !== 'Any') return pool.homes;
  const stays = pool.failback.policy === 'Never';
  const previous = new Map<VipAddress, NodeName>();
  for (const vip of pool.vips) {
    const home = (stays ? holders.get(vip) : undefined) ?? previousHome(vip);
    if (home !== undefined) previous.set(vip, home);
  }
  const { maxPerNode } = pool.placement;
  return assignHomes({ units, members, maxPerNode, explicit: pool.homes, previous, isLevelled: !stays });
}

function inputOf(
  pool: Pool,
  units: readonly Unit[],
  homes: ReadonlyMap<VipAddress, NodeName>,
  { nodes }: Candidates,
  addresses: Addresses,
  world: PlanWorld,
): PlacementInput {
  const unreachable = addresses.size > 0 ? subnetObstacle(addresses, world.nodes) : undefined;
  const refuses = (node: NodeName, vip: VipAddress): Reason | undefined => {
    const entry = world.nodes.get(node);
    return entry && world.refused(entry, vip) ? Reason.BindRefused : unreachable?.(node, vip);
  };
  return {
    units,
    homes,
    nodes,
    holders: world.holders,
    obstacle: hasRefusals(pool, world) ? refuses : unreachable,
    maxPerNode: pool.placement.maxPerNode,
    failback: pool.failback,
    failbackAsked: world.signals.pools.get(pool.name)?.failbackAsked ?? new Set(),
    otherLoad: world.otherLoad,
    lossReason: world.lossReason,
  };
}

const hasRefusals = (pool: Pool, { refusedVips }: PlanWorld): boolean =>
  refusedVips.size > 0 && pool.vips.some((vip) => refusedVips.has(vip));

/** Everything was at rest, and nothing that matters has changed: then other pools do not matter either. */
function isUnmoved(
  known: PoolPlan,
  { pool, homes, candidates, input }: Omit<PoolPlan, 'result' | 'isQuiet'>,
  world: PlanWorld,
): boolean {
  return (
    known.isQuiet &&
    known.candidates === candidates &&
    (known.homes === homes || pool.vips.every((vip) => known.homes.get(vip) === homes.get(vip))) &&
    input.failbackAsked.size === 0 &&
    !hasRefusals(pool, world) &&
    pool.vips.every((vip) => known.result.get(vip)?.node === world.holders.get(vip))
  );
}

/** A pool that would rather have no holder than an unhealthy one: who keeps a VIP only for want of another has to let go. */
function letGo(
  { name, health }: Pool,
  placed: ReadonlyMap<VipAddress, Placed>,
  { nodes, fitness }: Candidates,
  { pools }: Signals,
): ReadonlyMap<VipAddress, Placed> {
  const standings = pools.get(name)?.health?.nodes;
  if (health.whenAllUnhealthy !== 'Release' || !standings) return placed;
  const unhealthy = new Map(nodes.flatMap(({ node, unfit }) => (isOfChecks(unfit) ? [[node, unfit]] : [])));
  return new Map(
    [...placed].map(([vip, item]) => {
      const reason = item.node === undefined ? item.reason : unhealthy.get(item.node);
      if (!item.stranded || reason === undefined) return [vip, item];
      const told = fitness === 'released' ? Reason.AllUnhealthy : reason;
      return [vip, { node: undefined, reason: told, stranded: true, released: true }];
    }),
  );
}

const isOfChecks = (unfit: Reason | undefined): boolean =>
  unfit === Reason.CheckFailed || unfit === Reason.CheckUnknown;

function isAtRest(result: ReadonlyMap<VipAddress, Placed>): boolean {
  for (const { reason } of result.values()) if (reason !== Reason.Kept) return false;
  return true;
}
