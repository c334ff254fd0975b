/**
 * What the master decides: pools and nodes -> placement -> the full set of VIPs for each node. A VIP is given to a node
 * only when no other node may still hold it; a planned move takes it from the old holder first.
 */
import { blockersOf, type Commitment, isRefused, knowsTerm, mayHold, settle, suspend } from './commitments.ts';
import type { Explain } from './health-message.ts';
import { type HoldWorld, judgeHolds } from './hold-bars.ts';
import { bookHolds, type HoldBook, NO_BOOK } from './hold-book.ts';
import { holdPool, holdPoolsOf, isHold } from './hold-pools.ts';
import { allMembers, type Member, membersIn, type NodeRecords } from './membership.ts';
import type { NodeName, PoolName, VipAddress } from './ids.ts';
import { followHolders, formerHolders, type LastHolders, probeBefore } from './last-holders.ts';
import type { Assignment } from './messages.ts';
import { type MovedHomes, NO_MOVES, stillMoved } from './moved-homes.ts';
import { isReady, type NodeEntry, type NodeTable } from './node-table.ts';
import { quietNodes, waitingForWord, withClaims } from './planned-moves.ts';
import { type Facts, factsOf, NO_FACTS, sameMembers } from './placement/facts.ts';
import type { Placed } from './placement/place.ts';
import { planPools, type PoolPlans } from './placement/plans.ts';
import { NO_SIGNALS, type Signals } from './placement/signals.ts';
import type { Pool } from './pool.ts';
import { bindingViews, type PoolView } from './pool-view.ts';
import { Reason } from './reasons.ts';
import { answeredVips, followRefusals, hasRefused, type Refusals, refusalsWakeAt, refusedVips } from './refusals.ts';
import { commit, concernsOf, type TargetWorld, targetSet } from './target-set.ts';
import type { Term } from './term.ts';
import { addMs, type Monotonic } from './time.ts';

export interface MasterWorld extends TargetWorld {
  /** What is known of leases that are over; undefined: none outlives its end. */
  readonly hold?: HoldWorld;
  readonly pools: readonly Pool[];
  readonly nodes: NodeTable;
  /** Nodes on record with their labels: they are members of their pools also while nothing is heard of them. */
  readonly records: NodeRecords;
  /** Homes of before, as the status tells. */
  readonly previousHomes: ReadonlyMap<VipAddress, NodeName>;
  /** Homes that tasks gave, as the status tells; default: none. */
  readonly previousMoves?: MovedHomes;
  /** Load, roles and what checks degrade; default: nothing is known of them. */
  readonly signals?: Signals;
  /** Names the check behind a reason, of the node that a VIP was with. */
  readonly explain?: Explain;
  /** A node of which nothing was heard for so long is given no VIP that another one serves. Default: for ever. */
  readonly quietAfterMs?: number;
}

export interface MasterState {
  readonly term: Term;
  readonly commitments: ReadonlyMap<NodeName, Commitment>;
  /** Of leases that are over, but may be taken up again. */
  readonly suspended: ReadonlyMap<NodeName, Commitment>;
  /** Highest version sent to each node in this term, whatever became of its lease. */
  readonly versions: ReadonlyMap<NodeName, number>;
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  /** Homes that tasks gave; undefined before the first decision of the reign. */
  readonly moved: MovedHomes | undefined;
  /** Why each VIP is where it is. */
  readonly reasons: ReadonlyMap<VipAddress, Placed>;
  readonly lastHolders: LastHolders;
  readonly refusals: Refusals;
  readonly holds: HoldBook;
  /** What placement decided last, and of what. */
  readonly plans: Plans;
}

export interface Plans {
  readonly pools: PoolPlans;
  readonly facts: Facts;
  readonly members: readonly Member[];
}

export interface Outgoing {
  readonly session: number;
  readonly assignment: Assignment;
}

export interface Reconciled {
  readonly state: MasterState;
  readonly outgoing: readonly Outgoing[];
  readonly views: readonly PoolView[];
  /** Nodes that may hold VIPs beyond their lease. */
  readonly keeping: readonly NodeName[];
  /** Something changes by itself then: a failback delay or a refusal ends, or a quiet node may have been heard. */
  readonly wakeAt: Monotonic;
}

export const newMaster = (term: Term): MasterState => ({
  term,
  commitments: new Map(),
  suspended: new Map(),
  versions: new Map(),
  homes: new Map(),
  moved: undefined,
  reasons: new Map(),
  lastHolders: new Map(),
  refusals: new Map(),
  holds: NO_BOOK,
  plans: { pools: new Map(), facts: NO_FACTS, members: [] },
});

export function reconcile(before: MasterState, world: MasterWorld, now: Monotonic): Reconciled {
  const commitments = settle(before.commitments, world.nodes, before.term, before.suspended);
  const suspended = suspend(before.suspended, before.commitments, world.nodes);
  const refusals = followRefusals(before.refusals, world.nodes, now);
  const entries = [...world.nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
  const holders = holdersOf(entries, commitments);
  const lastHolders = followHolders(before.lastHolders, holders, world.nodes);
  const members = sameMembers(allMembers(world.records, world.nodes), before.plans.members);
  const moved = stillMoved(before.moved ?? world.previousMoves ?? NO_MOVES, world.pools, members);
  const facts = factsOf(entries, before.plans.facts);
  const vipsOf = (name: PoolName): readonly VipAddress[] => world.pools.find((pool) => pool.name === name)?.vips ?? [];
  const verdict = world.hold && judgeHolds(world.nodes, world.hold, vipsOf, before.holds.overSince, now);
  const holdPools = world.pools.filter(isHold).map((pool) => holdPool(pool, membersIn(pool, members), world.nodes));
  const blockers = blockersOf(world.nodes, commitments, before.term, verdict?.kept);
  const homes = new Map<VipAddress, NodeName>();
  const planWorld = {
    nodes: world.nodes,
    facts,
    members,
    signals: world.signals ?? NO_SIGNALS,
    holders: withClaims(holders, before.reasons, world.nodes, commitments),
    moved,
    // A VIP of which no home is known, as after the loss of every record, is at home where it is.
    previousHome: (vip: VipAddress) => before.homes.get(vip) ?? world.previousHomes.get(vip) ?? holders.get(vip),
    refused: (entry: NodeEntry, vip: VipAddress) => hasRefused(refusals, entry, vip, now),
    refusedVips: refusedVips(refusals, now),
    lossReason: lossReasons(before, world.nodes, refusals, now),
  };
  const plans = planPools(world.pools, before.plans.pools, planWorld, now);
  for (const plan of plans.values()) for (const [vip, home] of plan.homes) homes.set(vip, home);
  const { quietAfterMs = Infinity } = world;
  const quiet = quietNodes(world.nodes, commitments, before.term, addMs(now, -quietAfterMs));
  const waiting = waitingForWord(plans, holders, commitments, quiet);
  const wakeAt = Math.min(
    waiting.size > 0 ? addMs(now, quietAfterMs / 3) : Infinity,
    refusalsWakeAt(refusals, now),
    ...[...plans.values()].map(({ candidates }) => candidates.wakeAt),
    now < world.blindUntil ? world.blindUntil : Infinity,
    verdict?.wakeAt ?? Infinity,
  );

  const outgoing: Outgoing[] = [];
  const concerns = concernsOf(plans, holders);
  const former = formerHolders(world.nodes);
  const answered = answeredVips(refusals);
  const versions = new Map(before.versions);
  for (const entry of entries) {
    if (!isReady(entry) || !knowsTerm(entry, commitments.get(entry.node), before.term)) continue;
    const vips = targetSet(
      entry,
      plans,
      concerns.get(entry.node) ?? [],
      holders,
      blockers,
      waiting,
      world,
      commitments.get(entry.node),
      now,
    );
    const [commitment, assignment] = commit(
      before.term,
      entry,
      commitments.get(entry.node),
      versions.get(entry.node) ?? 0,
      vips,
      holdPoolsOf(holdPools, vips.values()),
      (vip) => probeBefore(lastHolders, world.nodes, former, vip, entry.node, answered),
    );
    commitments.set(entry.node, commitment);
    versions.set(entry.node, commitment.version);
    if (assignment) outgoing.push({ session: commitment.session, assignment });
  }
  const reasons = new Map<VipAddress, Placed>();
  for (const { pool, result } of plans.values()) {
    for (const [vip, decision] of result) {
      const last = before.reasons.get(vip);
      const explain = (): string | undefined =>
        world.explain?.(pool.name, holders.get(vip) ?? last?.node, decision.reason);
      reasons.set(vip, lastingReason(last, decision, explain));
    }
  }
  const holds = verdict ? bookHolds(before.holds, verdict, before.commitments, commitments) : before.holds;
  const state = {
    term: before.term,
    commitments,
    suspended,
    versions,
    homes,
    moved,
    reasons,
    lastHolders,
    refusals,
    holds,
    plans: { pools: plans, facts, members },
  };
  const views = bindingViews({
    pools: world.pools,
    plans,
    homes,
    moved,
    reasons,
    nodes: world.nodes,
    refusals,
    commitments,
    blockers,
    lost: verdict?.lost ?? [],
    term: before.term,
  });
  const keeping = (verdict?.lost ?? []).filter(({ kept }) => kept.size > 0).map(({ node }) => node);
  return { state, outgoing, views, keeping, wakeAt: wakeAt as Monotonic };
}

/** The reason of a move lasts for as long as the VIP stays with that node, also while it is on its way there. */
function lastingReason(
  before: Placed | undefined,
  { node, reason, stranded, released }: Placed,
  explain: () => string | undefined,
): Placed {
  if (!stranded && before && before.node === node && !before.stranded) return before;
  const said = explain() ?? (before?.reason === reason ? before.message : undefined);
  const told = { node, reason, ...(said === undefined ? {} : { message: said }) };
  return stranded ? { ...told, stranded, ...(released && { released }) } : told;
}

/** Who holds each VIP: first whom this master gave it to, then who says that it holds it. Lost nodes hold nothing. */
function holdersOf(
  entries: readonly NodeEntry[],
  commitments: ReadonlyMap<NodeName, Commitment>,
): Map<VipAddress, NodeName> {
  const holders = new Map<VipAddress, NodeName>();
  const live = entries.filter((entry) => entry.gone === 'no');
  for (const entry of live)
    for (const vip of commitments.get(entry.node)?.vips.keys() ?? []) {
      if (!isRefused(entry, commitments.get(entry.node), vip)) holders.set(vip, entry.node);
    }
  for (const entry of live) {
    for (const vip of mayHold(entry, commitments.get(entry.node))) {
      if (!holders.has(vip)) holders.set(vip, entry.node);
    }
  }
  return holders;
}

/** Why a VIP without a holder lost the one it had. */
function lossReasons(
  before: MasterState,
  nodes: NodeTable,
  refusals: Refusals,
  now: Monotonic,
): (vip: VipAddress) => Reason | undefined {
  const gone = [...nodes.values()].filter((entry) => entry.gone !== 'no');
  return (vip) => {
    const last = before.reasons.get(vip)?.node;
    const lost = gone.find((entry) => entry.node === last || entry.applied?.held.some((item) => item.vip === vip));
    if (lost) return lost.gone === 'said-goodbye' ? Reason.NodeLeft : Reason.NodeLost;
    const entry = last === undefined ? undefined : nodes.get(last);
    return entry && hasRefused(refusals, entry, vip, now) ? Reason.BindRefused : undefined;
  };
}
