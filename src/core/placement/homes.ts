import { hashPair } from '../hash.ts';
import type { NodeName, VipAddress } from '../ids.ts';

export interface HomesInput {
  readonly vips: readonly VipAddress[];
  /** Every node of the pool, up or not. */
  readonly members: readonly NodeName[];
  /** From the manifest; may name a node that does not exist (yet). */
  readonly explicit: ReadonlyMap<VipAddress, NodeName>;
  /** The homes of before, kept as far as they can be. */
  readonly previous: ReadonlyMap<VipAddress, NodeName>;
}

/**
 * The home of each VIP: explicit, else the one it had, else by rendezvous hashing among the members with room. Homes
 * differ by at most one per member unless explicit homes force more; a member that joins takes only as many as that
 * needs. Deterministic.
 */
export function assignHomes(input: HomesInput): Map<VipAddress, NodeName> {
  const homes = new Map<VipAddress, NodeName>();
  const load = new Map(input.members.map((node) => [node, 0]));
  const give = (vip: VipAddress, node: NodeName): void => {
    homes.set(vip, node);
    if (load.has(node)) load.set(node, (load.get(node) ?? 0) + 1);
  };
  for (const vip of input.vips) {
    const node = input.explicit.get(vip) ?? keptHome(input, vip);
    if (node !== undefined) give(vip, node);
  }
  if (input.members.length === 0) return homes;
  for (const vip of input.vips) {
    if (!homes.has(vip)) give(vip, leastLoaded(vip, input.members, load));
  }
  levelOut(input, homes, load);
  return homes;
}

function keptHome(input: HomesInput, vip: VipAddress): NodeName | undefined {
  const previous = input.previous.get(vip);
  return previous !== undefined && input.members.includes(previous) ? previous : undefined;
}

/** The member with the smallest load; of several the one that ranks first for this VIP. */
export function leastLoaded(
  vip: VipAddress,
  nodes: readonly NodeName[],
  load: ReadonlyMap<NodeName, number>,
): NodeName {
  let best: { node: NodeName; load: number; rank: number } | undefined;
  for (const node of nodes) {
    const candidate = { node, load: load.get(node) ?? 0, rank: hashPair(node, vip) };
    if (!best || candidate.load < best.load || (candidate.load === best.load && outranks(candidate, best))) {
      best = candidate;
    }
  }
  if (!best) throw new RangeError('leastLoaded needs at least one node');
  return best.node;
}

const outranks = (a: { node: NodeName; rank: number }, b: { node: NodeName; rank: number }): boolean =>
  a.rank > b.rank || (a.rank === b.rank && a.node < b.node);

/** Moves homes that are not explicit from the fullest member to the emptiest until they differ by at most one. */
function levelOut(input: HomesInput, homes: Map<VipAddress, NodeName>, load: Map<NodeName, number>): void {
  const movable = new Map<NodeName, VipAddress[]>(input.members.map((node) => [node, []]));
  for (const [vip, node] of homes) {
    if (!input.explicit.has(vip)) movable.get(node)?.push(vip);
  }
  for (;;) {
    const byLoad = [...input.members].sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0) || (a < b ? -1 : 1));
    const to = byLoad[0];
    const from = byLoad.findLast((node) => (movable.get(node)?.length ?? 0) > 0);
    if (to === undefined || from === undefined || (load.get(from) ?? 0) - (load.get(to) ?? 0) <= 1) return;
    const candidates = movable.get(from) ?? [];
    const vip = candidates.reduce((best, other) => (hashPair(to, other) > hashPair(to, best) ? other : best));
    candidates.splice(candidates.indexOf(vip), 1);
    movable.get(to)?.push(vip);
    homes.set(vip, to);
    load.set(from, (load.get(from) ?? 0) - 1);
    load.set(to, (load.get(to) ?? 0) + 1);
  }
}
