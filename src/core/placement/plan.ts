/**
 * The decision about one pool, and what of it can be used again: most events concern few pools, and a pool of which
 * nothing changed is not worked out anew.
 */
import type { NodeName, VipAddress } from '../ids.ts';
import type { Member } from '../membership.ts';
import { type MovedHomes, withMoves } from '../moved-homes.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import type { Monotonic } from '../time.ts';
import { assignHomes } from './homes.ts';
import { place, type Placed, type PlacementInput, placeRestless } from './place.ts';
import { type Candidates, offerNoMore } from './candidates.ts';
import type { Facts } from './facts.ts';
import type { Roster } from './roster.ts';
import { isDegraded } from './seats.ts';
import { type Settled, settledUnits } from './settled.ts';
import { type Shared, sharedCandidates, sharedRoster } from './shared.ts';
import { fullNodes, type Signals } from './signals.ts';
import { type Addresses, parseAddresses, subnetObstacle } from './subnets.ts';
import { type Unit, unitsOf } from './units.ts';

export interface PoolPlan {
  readonly pool: Pool;
  readonly units: readonly Unit[];
  /** Members of all pools that this one was chosen from. */
  readonly members: readonly Member[];
  readonly nodeWeights: Signals['nodeWeights'];
  readonly moved: MovedHomes;
  readonly roster: Roster;
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
  readonly facts: Facts;
  readonly members: readonly Member[];
  readonly signals: Signals;
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  /** Homes that tasks gave; the same object for as long as none changes. */
  readonly moved: MovedHomes;
  /** The home that a VIP had, as far as anybody remembers. */
  readonly previousHome: (vip: VipAddress) => NodeName | undefined;
  /** Whether a node has refused this VIP lately. */
  readonly refused: (entry: NodeEntry, vip: VipAddress) => boolean;
  /** VIPs that any node has refused lately. */
  readonly refusedVips: ReadonlySet<VipAddress>;
  readonly lossReason: (vip: VipAddress) => Reason | undefined;
  /** VIPs of the pools that were planned before, and homes of all that are known, per node. */
  readonly otherLoad: () => ReadonlyMap<NodeName, number>;
  readonly otherHomes: () => ReadonlyMap<NodeName, number>;
  readonly shared: Shared;
}

const NONE: ReadonlySet<VipAddress> = new Set();

export function planPool(pool: Pool, before: PoolPlan | undefined, world: PlanWorld, now: Monotonic): PoolPlan {
  const { members, signals } = world;
  const { moved } = world;
  const { nodeWeights } = signals;
  const last = before?.pool === pool ? before : undefined;
  const units = last?.units ?? unitsOf(pool.vips, pool.placement.groups);
  const addresses = last?.addresses ?? parseAddresses(pool);
  const known = last?.members === members && last.nodeWeights === nodeWeights ? last : undefined;
  const roster = known?.roster ?? sharedRoster(pool, world);
  const sameHomes = known?.moved === moved && pool.failback.policy !== 'Never';
  const homes = known && sameHomes ? known.homes : homesFor(pool, units, roster, world);
  const full = fullNodes(pool.placement.capacity, before?.full ?? new Set(), signals.freeCapacity);
  const candidates = sharedCandidates(pool, roster, full, world, known?.candidates, now);
  const input = inputOf(pool, units, roster, homes, candidates, addresses, world);
  const plan = { pool, units, members, nodeWeights, moved, roster, homes, addresses, full, candidates, input };
  const resting = known && wasAtRest(known, plan, world) ? settledUnits(input, known.result, true) : undefined;
  if (known && resting?.isAll) return { ...plan, result: known.result, isQuiet: true };
  const settled = resting && isOnlyLoss(resting, plan) ? resting : last && settledAtHome(plan, last);
  const placed = last && settled ? placeRestless(input, last.result, settled) : place(input);
  const result = letGo(pool, withAskedMoves(placed, input, moved), candidates, signals);
  return { ...plan, result, isQuiet: isAtRest(result) };
}

/** Of a group some may stay that have to follow the others: then everything has to be looked at. */
const settledAtHome = ({ pool, input }: Plan, { result }: PoolPlan): Settled | undefined =>
  pool.placement.groups.length === 0 ? settledUnits(input, result, false) : undefined;

/** Whether only lost nodes make anything move, and what moves cannot get in the way of the rest. */
const isOnlyLoss = ({ restless }: Settled, plan: Plan): boolean =>
  restless.every((node) => isLost(node, plan)) && !hasRivals(plan);

function homesFor(
  pool: Pool,
  units: readonly Unit[],
  roster: Roster,
  { holders, moved, previousHome, otherHomes, signals }: PlanWorld,
): ReadonlyMap<VipAddress, NodeName> {
  // Who follows a role has no place of its own.
  if (pool.placement.follow.kind !== 'Any') return withMoves(pool.homes, pool, moved);
  const stays = pool.failback.policy === 'Never';
  const asked = signals.pools.get(pool.name)?.failbackAsked ?? NONE;
  const previous = new Map<VipAddress, NodeName>();
  for (const vip of pool.vips) {
    const here = stays && !asked.has(vip) ? holders.get(vip) : undefined;
    const own = moved.get(vip);
    const home = here ?? (own ? own.usual : previousHome(vip));
    if (home !== undefined) previous.set(vip, home);
  }
  const { maxPerNode } = pool.placement;
  const homes = assignHomes({
    units,
    roster,
    maxPerNode,
    explicit: pool.homes,
    previous,
    otherHomes,
    isLevelled: !stays,
  });
  return withMoves(homes, pool, moved);
}

/** What goes where a task has just sent it says so; later it returns there as to any home. */
function withAskedMoves(
  result: ReadonlyMap<VipAddress, Placed>,
  { failbackAsked }: PlacementInput,
  moved: MovedHomes,
): ReadonlyMap<VipAddress, Placed> {
  let labelled: Map<VipAddress, Placed> | undefined;
  for (const vip of failbackAsked) {
    const placed = result.get(vip);
    if (placed?.reason !== Reason.Failback || placed.node !== moved.get(vip)?.home) continue;
    labelled = (labelled ?? new Map(result)).set(vip, { ...placed, reason: Reason.Moved });
  }
  return labelled ?? result;
}

function inputOf(
  pool: Pool,
  units: readonly Unit[],
  roster: Roster,
  homes: ReadonlyMap<VipAddress, NodeName>,
  { nodes }: Candidates,
  addresses: Addresses,
  world: PlanWorld,
): PlacementInput {
  const unreachable = addresses.size > 0 ? subnetObstacle(addresses, world.nodes, nodes) : undefined;
  const refuses = (node: NodeName, vip: VipAddress): Reason | undefined => {
    const entry = world.nodes.get(node);
    return entry && world.refused(entry, vip) ? Reason.BindRefused : unreachable?.(node, vip);
  };
  return {
    units,
    roster,
    homes,
    nodes,
    holders: world.holders,
    obstacle: hasRefusals(pool, world) ? refuses : unreachable,
    maxPerNode: pool.placement.maxPerNode,
    failback: pool.failback,
    failbackAsked: world.signals.pools.get(pool.name)?.failbackAsked ?? NONE,
    otherLoad: world.otherLoad,
    lossReason: world.lossReason,
  };
}

const hasRefusals = (pool: Pool, { refusedVips }: PlanWorld): boolean =>
  refusedVips.size > 0 && pool.vips.some((vip) => refusedVips.has(vip));

type Plan = Omit<PoolPlan, 'result' | 'isQuiet'>;

/** Nothing moved, and nothing that matters has become better since: then nothing moves that does not have to. */
function wasAtRest(known: PoolPlan, { pool, homes, candidates, input }: Plan, world: PlanWorld): boolean {
  return (
    known.isQuiet &&
    offerNoMore(candidates, known.candidates) &&
    (known.homes === homes || pool.vips.every((vip) => known.homes.get(vip) === homes.get(vip))) &&
    input.failbackAsked.size === 0 &&
    !hasRefusals(pool, world)
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

const isLost = (node: NodeName | undefined, { roster, candidates }: Plan): boolean =>
  node === undefined || !roster.index.has(node) || candidates.unfit.has(node);

/** Whether what moves can stand in the way of the rest, or makes it move: a degraded node keeps no more than its share. */
const hasRivals = ({ pool, input }: Plan): boolean =>
  input.maxPerNode !== undefined ||
  input.obstacle !== undefined ||
  pool.placement.groups.length > 0 ||
  input.nodes.some(isDegraded);

function isAtRest(result: ReadonlyMap<VipAddress, Placed>): boolean {
  for (const { reason } of result.values()) if (reason !== Reason.Kept) return false;
  return true;
}
