/**
 * Which node shall hold each VIP of one pool. Pure and deterministic: every controller that knows the same decides the
 * same. Moves only what must move, in this order:
 *
 *   1. a VIP whose holder may go on holding it stays;
 *   2. it goes home where it may, after the failback delay;
 *   3. a VIP without a holder goes home, else to the node that ranks first;
 *   4. what is not at home, or on a node that a check degrades, moves where that makes preference, zones or shares better.
 *
 * A rule never takes a VIP from its holder while no other node may have it; what nobody holds is not placed against one.
 */
import type { NodeName, VipAddress } from '../ids.ts';
import type { Failback } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { Board, type PlaceNode, type Rank } from './board.ts';
import { levelOut } from './level.ts';
import { changePlaces, goHome } from './returns.ts';
import type { Roster } from './roster.ts';
import { isDegraded, keepHolders, leave, type PlacedSeat, placeRest, seatOf } from './seats.ts';
import type { Settled } from './settled.ts';
import type { Unit } from './units.ts';
import { reasonsWhyNowhere } from './why-nowhere.ts';

export interface PlacementInput {
  readonly units: readonly Unit[];
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  /** Who holds a VIP now, or was told to: nodes that are lost are not in it. */
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  readonly roster: Roster;
  /** The nodes of the roster, in its order. */
  readonly nodes: readonly PlaceNode[];
  /** Undefined: this node may hold this VIP, as far as the node itself may. Else why not. Absent: no such reasons. */
  readonly obstacle: ((node: NodeName, vip: VipAddress) => Reason | undefined) | undefined;
  readonly maxPerNode: number | undefined;
  readonly failback: Failback;
  /** VIPs whose return somebody asked for, whatever policy and delay say. */
  readonly failbackAsked: ReadonlySet<VipAddress>;
  /** VIPs of other pools, per node: breaks ties. */
  readonly otherLoad: () => ReadonlyMap<NodeName, number>;
  /** Why a VIP without a holder lost the one it had. */
  readonly lossReason: (vip: VipAddress) => Reason | undefined;
}

export interface Placed {
  readonly node: NodeName | undefined;
  readonly reason: Reason;
  /** No node may have it by the rules; `node` is who holds it all the same. */
  readonly stranded?: true;
  /** Nobody shall hold it: whoever does has to let go. */
  readonly released?: true;
  /** Which check is behind the reason; for people. */
  readonly message?: string | undefined;
}

export function place(input: PlacementInput): Map<VipAddress, Placed> {
  const board = boardOf(input);
  return placeSeats(
    input,
    board,
    input.units.map((unit) => seatOf(unit, input, board)),
    new Map(),
  );
}

/**
 * What `place` decides, where most stays as it was decided last (`known`): that is only counted, and the rest is placed.
 */
export function placeRestless(
  input: PlacementInput,
  known: ReadonlyMap<VipAddress, Placed>,
  { isAll, at: settled }: Settled,
): ReadonlyMap<VipAddress, Placed> {
  if (isAll) return known;
  const board = boardOf(input);
  const seats: PlacedSeat[] = [];
  for (const [i, unit] of input.units.entries()) {
    const at = settled[i] ?? -1;
    if (at >= 0) board.put(unit, at);
    else seats.push(seatOf(unit, input, board));
  }
  return placeSeats(input, board, seats, new Map(known));
}

function placeSeats(
  input: PlacementInput,
  board: Board,
  seats: readonly PlacedSeat[],
  result: Map<VipAddress, Placed>,
): Map<VipAddress, Placed> {
  keepHolders(input, board, seats);
  do {
    // What goes home or finds a place may have made room for others.
    while (goHome(input, board, seats) || changePlaces(input, board, seats) || placeRest(board, seats));
  } while (level(input, board, seats));
  addOutcomes(result, input, board, seats);
  return result;
}

function boardOf({ roster, nodes, maxPerNode, obstacle, otherLoad }: PlacementInput): Board {
  const weightOf = ({ effectiveWeight }: PlaceNode): number => effectiveWeight;
  return new Board(roster, nodes, { maxPerNode, obstacle, otherLoad, weightOf });
}

/** What cannot be at home is spread evenly, and a degraded node keeps no more than its share. */
function level({ failback }: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
  const automatic = failback.policy === 'Automatic';
  return levelOut(board, seats, {
    mayMove: ({ at, home }) => (automatic && at !== home) || isDegraded(board.nodes[at]),
    onlyStable: true,
    moved: (seat, from, before, after) => {
      leave(board, seat, from, causeOf(before, after, isDegraded(board.nodes[from])));
    },
  });
}

function causeOf(before: Rank, after: Rank, degraded: boolean): Reason {
  if (degraded) return Reason.NodeDegraded;
  if (after.preference > before.preference) return Reason.PreferredNode;
  return after.zone < before.zone ? Reason.ZoneSpread : Reason.Rebalanced;
}

function addOutcomes(
  result: Map<VipAddress, Placed>,
  input: PlacementInput,
  board: Board,
  seats: readonly PlacedSeat[],
): void {
  const tellWhy = reasonsWhyNowhere(board);
  for (const seat of seats) {
    for (const vip of seat.unit.vips) {
      const stranded = { node: input.holders.get(vip), stranded: true } as const;
      const placed = seat.at < 0 ? { ...stranded, reason: tellWhy(seat.unit, vip) } : outcome(input, board, seat, vip);
      result.set(vip, placed);
    }
  }
}

function outcome(
  { holders, lossReason }: PlacementInput,
  board: Board,
  { unit, at, home, from, cause }: PlacedSeat,
  vip: VipAddress,
): Placed {
  const holder = holders.get(vip);
  const node = board.nodes[at]?.node;
  if (holder === node) return { node, reason: Reason.Kept };
  if (holder === undefined) {
    const usual = at === home ? Reason.PlacedAtHome : Reason.PlacedElsewhere;
    return { node, reason: lossReason(vip) ?? (from === undefined ? usual : Reason.GroupTogether) };
  }
  // Of a group the members say each why it had to leave, and those that could have stayed that they follow.
  const toAndFro = cause === Reason.ZoneSpread && board.nodes[at]?.zone === board.nodes[board.indexOf(from)]?.zone;
  const own = unit.vips.length > 1 ? board.whyNotAlone({ vips: [vip] }, board.indexOf(holder)) : undefined;
  return {
    node,
    reason: own ?? (from !== holder ? Reason.GroupTogether : toAndFro ? Reason.Rebalanced : cause) ?? Reason.Rebalanced,
  };
}
