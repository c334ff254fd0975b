/**
 * Which node shall hold each VIP of one pool. Pure and deterministic: every controller that knows the same decides the
 * same. Moves only what must move; the load of the nodes differs by at most one VIP unless explicit homes or a failback
 * policy other than Automatic force more.
 */
import { leastLoaded } from './homes.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import type { Failback } from '../pool.ts';
import { Reason } from '../reasons.ts';

export interface PlacementInput {
  readonly vips: readonly VipAddress[];
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  /** Who holds a VIP now, or was told to: nodes that are lost are not in it. */
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  /** Undefined: this node may take this VIP. Else why not. */
  readonly obstacle: (node: NodeName, vip: VipAddress) => Reason | undefined;
  /** Nodes with some hope to be free of obstacles, in order of name. */
  readonly nodes: readonly NodeName[];
  /** Nodes that were healthy for the failback delay. */
  readonly stable: ReadonlySet<NodeName>;
  readonly failback: Failback;
  /** VIPs of other pools, per node: breaks ties. */
  readonly otherLoad: ReadonlyMap<NodeName, number>;
  /** Why a VIP without a holder lost the one it had. */
  readonly lossReason: (vip: VipAddress) => Reason | undefined;
}

export interface Placed {
  readonly node: NodeName | undefined;
  readonly reason: Reason;
}

export function place(input: PlacementInput): Map<VipAddress, Placed> {
  const result = new Map<VipAddress, Placed>();
  const load = new Map(input.nodes.map((node) => [node, (input.otherLoad.get(node) ?? 0) / 1_000_000]));
  const give = (vip: VipAddress, node: NodeName, reason: Reason): void => {
    const before = result.get(vip)?.node;
    if (before !== undefined) load.set(before, (load.get(before) ?? 0) - 1);
    load.set(node, (load.get(node) ?? 0) + 1);
    result.set(vip, { node, reason });
  };
  const free = (node: NodeName, vip: VipAddress): boolean => input.obstacle(node, vip) === undefined;

  const displaced: { vip: VipAddress; reason: Reason | undefined }[] = [];
  for (const vip of input.vips) {
    const holder = input.holders.get(vip);
    const obstacle = holder === undefined ? undefined : input.obstacle(holder, vip);
    if (holder !== undefined && obstacle === undefined) give(vip, homeward(input, vip, holder) ?? holder, Reason.Kept);
    else displaced.push({ vip, reason: obstacle ?? input.lossReason(vip) });
  }
  for (const [vip, placed] of result) {
    if (placed.node !== input.holders.get(vip)) result.set(vip, { ...placed, reason: Reason.Failback });
  }
  for (const { vip, reason } of displaced) {
    const home = input.homes.get(vip);
    if (home !== undefined && input.nodes.includes(home) && free(home, vip)) {
      give(vip, home, reason ?? Reason.PlacedAtHome);
    }
  }
  for (const { vip, reason } of displaced) {
    if (result.has(vip)) continue;
    const candidates = input.nodes.filter((node) => free(node, vip));
    if (candidates.length > 0) give(vip, leastLoaded(vip, candidates, load), reason ?? Reason.PlacedElsewhere);
    else result.set(vip, nowhere(input, vip));
  }
  if (input.failback.policy === 'Automatic') levelOutDisplaced(input, result, load, give, free);
  return result;
}

/** The home that a held VIP may return to now. */
function homeward(input: PlacementInput, vip: VipAddress, holder: NodeName): NodeName | undefined {
  const home = input.homes.get(vip);
  if (home === undefined || home === holder || input.failback.policy !== 'Automatic') return undefined;
  return input.stable.has(home) && input.obstacle(home, vip) === undefined ? home : undefined;
}

/** No node can take it: a holder that is only impaired keeps it, which is no worse than nobody. */
function nowhere(input: PlacementInput, vip: VipAddress): Placed {
  return { node: input.holders.get(vip), reason: Reason.NoEligibleNode };
}

/** VIPs that cannot be at home are spread evenly; those at home stay there. */
function levelOutDisplaced(
  input: PlacementInput,
  result: ReadonlyMap<VipAddress, Placed>,
  load: ReadonlyMap<NodeName, number>,
  give: (vip: VipAddress, node: NodeName, reason: Reason) => void,
  free: (node: NodeName, vip: VipAddress) => boolean,
): void {
  const whole = (node: NodeName): number => Math.floor(load.get(node) ?? 0);
  for (const [vip, placed] of result) {
    const from = placed.node;
    if (from === undefined || placed.reason === Reason.NoEligibleNode || input.homes.get(vip) === from) continue;
    const candidates = input.nodes.filter((node) => input.stable.has(node) && free(node, vip));
    if (candidates.length === 0) continue;
    const to = leastLoaded(vip, candidates, load);
    if (whole(from) - whole(to) > 1) give(vip, to, placed.reason === Reason.Kept ? Reason.Rebalanced : placed.reason);
  }
}
