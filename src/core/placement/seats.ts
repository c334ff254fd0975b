/** Where each unit of a pool sits while its placement is worked out. */
import type { NodeName } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { Board, PlaceNode } from './board.ts';
import type { Seat } from './level.ts';
import type { PlacementInput } from './place.ts';
import { mostNamed, type Unit } from './units.ts';

export interface PlacedSeat extends Seat {
  readonly home: number;
  /** Where it was when the placement began; of a split group where most of it was. */
  readonly from: NodeName | undefined;
  /** A group of which not all was there. */
  readonly isSplit: boolean;
  /** Why it is not where it was. */
  cause: Reason | undefined;
  /** Where its VIPs are for as long as it has found no node: counted there. */
  stuck: readonly Seat[];
}

export function seatOf(unit: Unit, { homes, holders }: PlacementInput, board: Board): PlacedSeat {
  const [first] = unit.vips;
  const home = first === undefined ? undefined : homes.get(first);
  const mayStay = (node: NodeName): boolean => board.whyNotAlone(unit, board.indexOf(node)) === undefined;
  // Of a group that is split, the part that can stay attracts the other.
  const split = unit.vips.length > 1 ? mostNamed(unit, holders, home, mayStay) : undefined;
  const from = split ?? mostNamed(unit, holders, home);
  const isSplit = unit.vips.length > 1 && unit.vips.some((vip) => holders.get(vip) !== from);
  const favourite = board.indexOf(from);
  return { unit, at: -1, home: board.indexOf(home), from, favourite, isSplit, cause: undefined, stuck: NOWHERE };
}

/**
 * Of too many on one node some have to go: first what gathers there only now, then what is not at home there, then what
 * comes later in the pool.
 */
export function keepHolders(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): void {
  const later: PlacedSeat[] = [];
  for (const seat of seats) {
    if (seat.isSplit || board.indexOf(seat.from) !== seat.home || !keep(board, seat)) later.push(seat);
  }
  const latest = later.filter((seat) => seat.isSplit || !keep(board, seat));
  // What has to go is still there until it has found another place.
  for (const seat of latest) {
    if (seat.isSplit && keep(board, seat)) continue;
    seat.stuck = whereItIs(input, board, seat.unit);
    stay(board, seat);
  }
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

const NOWHERE: readonly Seat[] = [];

function whereItIs({ holders }: PlacementInput, board: Board, unit: Unit): Seat[] {
  return (unit.parts.length > 0 ? unit.parts : [unit]).flatMap((part): Seat[] => {
    const [vip] = part.vips;
    const at = vip === undefined ? -1 : board.indexOf(holders.get(vip));
    return at < 0 ? [] : [{ unit: part, at }];
  });
}

function stay(board: Board, { stuck }: PlacedSeat): void {
  for (const { unit, at } of stuck) board.put(unit, at);
}

function lift(board: Board, { stuck }: PlacedSeat): void {
  for (const { unit, at } of stuck) board.lift(unit, at);
}

export function sit(board: Board, seat: PlacedSeat, at: number): void {
  board.put(seat.unit, at);
  seat.at = at;
}

/** Only the reason why it left its holder is told, not where it was put in between. */
export function leave(board: Board, seat: PlacedSeat, at: number, cause: Reason): void {
  if (board.nodes[at]?.node === seat.from) seat.cause = cause;
}

export const isDegraded = (node: PlaceNode | undefined): boolean =>
  node !== undefined && node.effectiveWeight < node.weight;

/** Places what has no node yet. Returns whether any found one. */
export function placeRest(board: Board, seats: readonly PlacedSeat[]): boolean {
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
