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
import { levelOut, type Seat } from './level.ts';
import { mostNamed, type Unit } from './units.ts';
import { reasonsWhyNowhere } from './why-nowhere.ts';

export interface PlacementInput {
  readonly units: readonly Unit[];
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  /** Who holds a VIP now, or was told to: nodes that are lost are not in it. */
  readonly holders: ReadonlyMap<VipAddress, NodeName>;
  /** In order of name. */
  readonly nodes: readonly PlaceNode[];
  /** Undefined: this node may hold this VIP, as far as the node itself may. Else why not. Absent: no such reasons. */
  readonly obstacle: ((node: NodeName, vip: VipAddress) => Reason | undefined) | undefined;
  readonly maxPerNode: number | undefined;
  readonly failback: Failback;
  /** VIPs whose return somebody asked for, whatever the policy says. */
  readonly failbackAsked: ReadonlySet<VipAddress>;
  /** VIPs of other pools, per node: breaks ties. */
  readonly otherLoad: ReadonlyMap<NodeName, number>;
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

interface PlacedSeat extends Seat {
  readonly home: number;
  /** Where it was when the placement began; of a split group where most of it was. */
  readonly from: NodeName | undefined;
  /** A group of which not all was there. */
  readonly isSplit: boolean;
  /** Why it is not where it was. */
  cause: Reason | undefined;
  /** Where its VIPs are for as long as it has found no node: counted there. */
  readonly stuck: readonly Seat[];
}

export function place(input: PlacementInput): Map<VipAddress, Placed> {
  const { maxPerNode, obstacle, otherLoad } = input;
  const weightOf = ({ effectiveWeight }: PlaceNode): number => effectiveWeight;
  const board = new Board(input.nodes, { maxPerNode, obstacle, otherLoad, weightOf });
  const seats = input.units.map((unit) => seatOf(unit, input, board));
  keepHolders(board, seats);
  do {
    // What goes home or finds a place may have made room for others.
    while (goHome(input, board, seats) || changePlaces(input, board, seats) || placeRest(board, seats));
  } while (level(input, board, seats));
  const result = new Map<VipAddress, Placed>();
  const tellWhy = reasonsWhyNowhere(board);
  for (const seat of seats) {
    for (const vip of seat.unit.vips) {
      const stranded = { node: input.holders.get(vip), stranded: true } as const;
      const placed = seat.at < 0 ? { ...stranded, reason: tellWhy(seat.unit, vip) } : outcome(input, board, seat, vip);
      result.set(vip, placed);
    }
  }
  return result;
}

function seatOf(unit: Unit, { homes, holders }: PlacementInput, board: Board): PlacedSeat {
  const [first] = unit.vips;
  const home = first === undefined ? undefined : homes.get(first);
  const mayStay = (node: NodeName): boolean => board.whyNotAlone(unit, board.indexOf(node)) === undefined;
  // Of a group that is split, the part that can stay attracts the other.
  const split = unit.vips.length > 1 ? mostNamed(unit, holders, home, mayStay) : undefined;
  const from = split ?? mostNamed(unit, holders, home);
  const isSplit = unit.vips.length > 1 && unit.vips.some((vip) => holders.get(vip) !== from);
  const stuck = (unit.parts.length > 0 ? unit.parts : [unit]).flatMap((part): Seat[] => {
    const [vip] = part.vips;
    const at = vip === undefined ? -1 : board.indexOf(holders.get(vip));
    return at < 0 ? [] : [{ unit: part, at }];
  });
  const favourite = board.indexOf(from);
  return { unit, at: -1, home: board.indexOf(home), from, favourite, isSplit, cause: undefined, stuck };
}

/**
 * Of too many on one node some have to go: first what gathers there only now, then what is not at home there, then what
 * comes later in the pool.
 */
function keepHolders(board: Board, seats: readonly PlacedSeat[]): void {
  const later: PlacedSeat[] = [];
  for (const seat of seats) {
    if (seat.isSplit || board.indexOf(seat.from) !== seat.home || !keep(board, seat)) later.push(seat);
  }
  const latest = later.filter((seat) => seat.isSplit || !keep(board, seat));
  // What has to go is still there until it has found another place.
  for (const seat of latest) if (!seat.isSplit || !keep(board, seat)) stay(board, seat);
}

function stay(board: Board, { stuck }: PlacedSeat): void {
  for (const { unit, at } of stuck) board.put(unit, at);
}

function keep(board: Board, seat: PlacedSeat): boolean {
  if (seat.from === undefined) return false;
  const at = board.indexOf(seat.from);
  const why = board.whyNotKeep(seat.unit, at);
  if (why === undefined) sit(board, seat, at);
  const isOfSome = seat.unit.vips.length > 1 && board.whyNotAlone(seat.unit, at) !== undefined;
  seat.cause = isOfSome ? Reason.GroupTogether : why;
  return why === undefined;
}

function lift(board: Board, { stuck }: PlacedSeat): void {
  for (const { unit, at } of stuck) board.lift(unit, at);
}

function sit(board: Board, seat: PlacedSeat, at: number): void {
  board.put(seat.unit, at);
  seat.at = at;
}

/** Only the reason why it left its holder is told, not where it was put in between. */
function leave(board: Board, seat: PlacedSeat, at: number, cause: Reason): void {
  if (board.nodes[at]?.node === seat.from) seat.cause = cause;
}

const isDegraded = (node: PlaceNode | undefined): boolean => node !== undefined && node.effectiveWeight < node.weight;

/** Brings home what may return now, all at once: two VIPs may have to change places. Returns whether any did. */
function goHome(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
  let returning = seats.filter((seat) => seat.at >= 0 && mayReturn(input, board, seat));
  while (returning.length > 0) {
    const before = returning.map(({ at }) => at);
    for (const seat of returning) board.lift(seat.unit, seat.at);
    const fitting = returning.filter((seat) => {
      const fits = board.whyNot(seat.unit, seat.home) === undefined;
      if (fits) sit(board, seat, seat.home);
      return fits;
    });
    if (fitting.length === returning.length) {
      for (const [i, seat] of returning.entries()) leave(board, seat, before[i] ?? -1, Reason.Failback);
      return true;
    }
    for (const seat of fitting) board.lift(seat.unit, seat.at);
    for (const [i, seat] of returning.entries()) sit(board, seat, before[i] ?? -1);
    returning = fitting;
  }
  return false;
}

/** Brings home what finds its home full of others that could as well be elsewhere. Returns whether any did. */
function changePlaces(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
  if (input.maxPerNode === undefined && input.units.every(({ apart }) => apart.length === 0)) return false;
  let any = false;
  for (const seat of seats) {
    if (seat.at < 0 || !mayReturn(input, board, seat)) continue;
    for (const other of seats) {
      if (other.at !== seat.home || other.home === other.at) continue;
      any = changePlace(board, seat, other);
      if (any) break;
    }
  }
  return any;
}

function changePlace(board: Board, seat: PlacedSeat, other: PlacedSeat): boolean {
  const { at: from, home } = seat;
  board.lift(seat.unit, from);
  board.lift(other.unit, home);
  const fits = board.whyNot(seat.unit, home) === undefined;
  sit(board, seat, fits ? home : from);
  const to = fits ? board.best(other.unit, true) : -1;
  if (to >= 0) {
    sit(board, other, to);
    leave(board, seat, from, Reason.Failback);
    leave(board, other, home, Reason.HomeOfOther);
    return true;
  }
  board.lift(seat.unit, seat.at);
  sit(board, seat, from);
  sit(board, other, home);
  return false;
}

/** A node that a check degrades calls nothing home: it is given what its share allows. */
function mayReturn({ failback, failbackAsked }: PlacementInput, board: Board, { unit, at, home }: PlacedSeat): boolean {
  const node = board.nodes[home];
  if (!node || at === home || !node.stable || isDegraded(node)) return false;
  if (failback.policy !== 'Automatic' && !unit.vips.some((vip) => failbackAsked.has(vip))) return false;
  return board.whyNotAlone(unit, home) === undefined && node.closed === undefined;
}

/** Places what has no node yet. Returns whether any found one. */
function placeRest(board: Board, seats: readonly PlacedSeat[]): boolean {
  let rest = seats.filter(({ at }) => at < 0);
  const before = rest.length;
  // Others may have gone home, and made room for some of those that are still there.
  for (const seat of rest) lift(board, seat);
  rest = rest.filter((seat) => !keep(board, seat));
  for (const seat of rest) stay(board, seat);
  for (const choose of [chooseHome, chooseBest]) {
    rest = rest.filter((seat) => {
      lift(board, seat);
      const at = choose(board, seat);
      if (at < 0) stay(board, seat);
      else sit(board, seat, at);
      return at < 0;
    });
  }
  return rest.length < before;
}

function chooseHome(board: Board, { unit, home }: PlacedSeat): number {
  const isOpen = home >= 0 && !isDegraded(board.nodes[home]) && board.whyNot(unit, home) === undefined;
  return isOpen ? home : -1;
}

const chooseBest = (board: Board, { unit }: PlacedSeat): number => board.best(unit);

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
