import type { NodeName, VipAddress } from '../ids.ts';
import { Board, type PlaceNode } from './board.ts';
import { levelOut } from './level.ts';
import type { Roster } from './roster.ts';
import { mostNamed, type Unit } from './units.ts';

export interface HomesInput {
  readonly units: readonly Unit[];
  /** Every node of the pool, up or not. */
  readonly roster: Roster;
  readonly maxPerNode: number | undefined;
  /** From the manifest; may name a node that does not exist (yet). */
  readonly explicit: ReadonlyMap<VipAddress, NodeName>;
  /** The homes of before, kept as far as they can be. */
  readonly previous: ReadonlyMap<VipAddress, NodeName>;
  /** Homes of other pools, per node: breaks ties. */
  readonly otherHomes?: () => ReadonlyMap<NodeName, number>;
  /** Whether homes change for the sake of balance. Default true. */
  readonly isLevelled?: boolean;
}

/**
 * The home of each VIP: explicit, else the one it had, else the member that ranks first (more preferred, emptier zone,
 * smaller share, rendezvous hashing). They obey the groups and the limit, and differ from the fair shares by less than
 * one VIP unless explicit homes force more; a member that joins takes only as many as that needs. Deterministic. VIPs
 * for which no member has room have no home.
 */
export function assignHomes(input: HomesInput): Map<VipAddress, NodeName> {
  const { maxPerNode, units, explicit, previous, roster } = input;
  const nodes = roster.homeNodes;
  const weightOf = ({ weight }: PlaceNode): number => weight;
  const board = new Board(roster, nodes, {
    maxPerNode,
    weightOf,
    obstacle: undefined,
    otherLoad: input.otherHomes ?? (() => new Map()),
  });

  const homes = new Map<VipAddress, NodeName>();
  const fixed = new Set<Unit>();
  for (const unit of units) {
    const node = explicit.size === 0 ? undefined : mostNamed(unit, explicit, undefined);
    if (node === undefined) continue;
    fixed.add(unit);
    for (const vip of unit.vips) homes.set(vip, node);
    const at = board.indexOf(node);
    // VIPs never live where the weight is 0, whatever is declared.
    if (at >= 0 && nodes[at]?.unfit === undefined) board.put(unit, at);
  }
  const isMember = (node: NodeName): boolean => board.indexOf(node) >= 0;
  const seats = units.flatMap((unit) => {
    if (fixed.has(unit)) return [];
    return [{ unit, at: -1, favourite: board.indexOf(mostNamed(unit, previous, undefined, isMember)) }];
  });
  for (const seat of seats) {
    const at = seat.favourite;
    if (at < 0 || board.whyNot(seat.unit, at) !== undefined) continue;
    board.put(seat.unit, at);
    seat.at = at;
  }
  const isLevelled = input.isLevelled ?? true;
  for (;;) {
    for (const seat of seats) {
      if (seat.at >= 0) continue;
      seat.at = board.best(seat.unit);
      if (seat.at >= 0) board.put(seat.unit, seat.at);
    }
    // What moves may make room for what had none.
    if (!isLevelled || !levelOut(board, seats, { mayMove: () => true, onlyStable: false, moved: () => undefined }))
      break;
  }
  for (const { unit, at } of seats) {
    const home = board.nodes[at]?.node;
    if (home !== undefined) for (const vip of unit.vips) homes.set(vip, home);
  }
  return homes;
}
