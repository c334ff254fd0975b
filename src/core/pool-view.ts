import { type Blockers, type Commitment } from './commitments.ts';
import type { LostLease } from './hold-bars.ts';
import type { NodeName, PoolName, VipAddress } from './ids.ts';
import type { Rival } from './messages.ts';
import { type MovedHomes, NO_HOME } from './moved-homes.ts';
import { isReady, type NodeTable } from './node-table.ts';
import type { Placed } from './placement/place.ts';
import type { PoolPlans } from './placement/plans.ts';
import { matchesSelector, type Pool } from './pool.ts';
import { Reason } from './reasons.ts';
import { type Refusal, type Refusals, toldRefusals } from './refusals.ts';
import type { Term } from './term.ts';

/** One VIP as the master sees it now. */
export interface BindingView {
  readonly vip: VipAddress;
  readonly node: NodeName | undefined;
  readonly home: NodeName | undefined;
  /** The home it had before a task moved it, or `NO_HOME`. Absent: no task moved it. */
  readonly usualHome?: NodeName | typeof NO_HOME;
  readonly interface: string | undefined;
  readonly state: 'Bound' | 'Binding' | 'Releasing' | 'Unassigned';
  readonly reason: Reason;
  /** What is behind the reason, such as the check that failed; for people. */
  readonly message?: string;
}

export interface PoolView {
  readonly pool: PoolName;
  readonly generation: number;
  readonly term: Term;
  /** Nodes that match the pool and may be given VIPs now. */
  readonly readyNodes: number;
  readonly bindings: readonly BindingView[];
  /** Who does not bind which VIP, and why. */
  readonly refusals: readonly Refusal[];
  /** Hosts outside of the pool that claim a VIP of it. */
  readonly rivals: readonly (Rival & { readonly node: NodeName })[];
  /** Nodes without a lease that may hold VIPs of it by the confirmations of their peers. */
  readonly holdingOn: readonly NodeName[];
}

export interface ViewInput {
  readonly pools: readonly Pool[];
  readonly plans: PoolPlans;
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  readonly moved: MovedHomes;
  readonly reasons: ReadonlyMap<VipAddress, Pick<Placed, 'reason' | 'message'>>;
  readonly nodes: NodeTable;
  readonly refusals: Refusals;
  readonly commitments: ReadonlyMap<NodeName, Commitment>;
  readonly blockers: Blockers;
  /** Leases that are over, with the VIPs that their nodes may hold all the same. */
  readonly lost: readonly LostLease[];
  readonly term: Term;
}

interface Held {
  readonly node: NodeName;
  readonly interface: string;
}

export function bindingViews(input: ViewInput): PoolView[] {
  const heldBy = new Map<VipAddress, Held>();
  for (const entry of input.nodes.values()) {
    if (entry.gone !== 'no') continue;
    for (const held of entry.applied?.held ?? []) {
      if (!heldBy.has(held.vip) || input.commitments.get(entry.node)?.vips.has(held.vip)) {
        heldBy.set(held.vip, { node: entry.node, interface: held.interface });
      }
    }
  }
  const reports = [...input.nodes.values()].filter((entry) => entry.gone === 'no' && entry.applied);
  const refusals = toldRefusals(input.refusals, input.nodes, (vip) => heldBy.has(vip));
  const rivals = reports.flatMap(({ node, applied }) => applied?.rivals.map((item) => ({ ...item, node })) ?? []);
  const ready = [...input.nodes.values()].filter(isReady);
  const bindingsOf = ({ name, vips }: Pool): BindingView[] => {
    const decisions = input.plans.get(name)?.result;
    return vips.map((vip) => viewOf(input, vip, decisions?.get(vip)?.node, heldBy.get(vip)));
  };
  return input.pools.map((pool) => ({
    pool: pool.name,
    generation: pool.generation,
    term: input.term,
    readyNodes: ready.filter(({ labels }) => matchesSelector(pool, labels)).length,
    bindings: bindingsOf(pool),
    refusals: refusals.length === 0 ? [] : refusals.filter(({ vip }) => pool.vips.includes(vip)),
    rivals: rivals.length === 0 ? [] : rivals.filter(({ vip }) => pool.vips.includes(vip)),
    holdingOn: input.lost.filter(({ kept }) => pool.vips.some((vip) => kept.has(vip))).map(({ node }) => node),
  }));
}

function viewOf(input: ViewInput, vip: VipAddress, target: NodeName | undefined, held: Held | undefined): BindingView {
  const { reason = Reason.Kept, message } = input.reasons.get(vip) ?? {};
  const own = input.moved.get(vip);
  const home = input.homes.get(vip);
  const view = { vip, home, interface: held?.interface, ...whereOf(input, vip, target, held, reason) };
  if (!own && message === undefined) return view;
  return { ...view, ...(own && { usualHome: own.usual ?? NO_HOME }), ...(message === undefined ? {} : { message }) };
}

function whereOf(
  { commitments }: ViewInput,
  vip: VipAddress,
  target: NodeName | undefined,
  held: Held | undefined,
  reason: Reason,
): Pick<BindingView, 'node' | 'state' | 'reason'> {
  if (held)
    return { node: held.node, state: target === undefined || held.node === target ? 'Bound' : 'Releasing', reason };
  if (target === undefined) return { node: undefined, state: 'Unassigned', reason };
  if (commitments.get(target)?.vips.has(vip)) return { node: target, state: 'Binding', reason };
  return { node: undefined, state: 'Unassigned', reason: Reason.WaitingForRelease };
}
