import { type Board, isBetter, type Rank } from './board.ts';
import type { Unit } from './units.ts';

/** A unit and where it is: the number of a node on the board, or -1. */
export interface Seat {
  readonly unit: Unit;
  at: number;
  /** Where it goes rather than to another that is as good. */
  readonly favourite?: number;
}

export interface LevelOptions<S extends Seat> {
  readonly mayMove: (seat: S) => boolean;
  /** Only to nodes that were healthy for long enough. */
  readonly onlyStable: boolean;
  /** Called after each move. */
  readonly moved: (seat: S, from: number, before: Rank, after: Rank) => void;
}

/**
 * Moves units from the worst node to the best one until no move makes anything better. Every move lowers the same
 * measure (preference, then zones, then shares), so it ends, and a second run moves nothing. Returns whether any moved.
 */
export function levelOut<S extends Seat>(board: Board, seats: readonly S[], options: LevelOptions<S>): boolean {
  if (!mayImprove(board, seats, options)) return false;
  const movable = new Map<number, S[]>();
  for (const seat of seats) {
    if (seat.at < 0 || !options.mayMove(seat)) continue;
    const list = movable.get(seat.at);
    if (list) list.push(seat);
    else movable.set(seat.at, [seat]);
  }
  let any = false;
  // Nodes of which nothing can move as things are.
  const settled = new Set<number>();
  for (;;) {
    const from = worst(board, movable, settled, options.onlyStable);
    if (from === undefined) return any;
    const seat = moveOne(board, movable.get(from) ?? [], options);
    if (!seat) {
      settled.add(from);
      continue;
    }
    any = true;
    settled.clear();
    movable.set(
      from,
      (movable.get(from) ?? []).filter((other) => other !== seat),
    );
    if (options.mayMove(seat)) movable.set(seat.at, [...(movable.get(seat.at) ?? []), seat]);
  }
}

/** False where no node offers more than any of the units has: the usual case, found without sorting anything. */
function mayImprove<S extends Seat>(board: Board, seats: readonly S[], options: LevelOptions<S>): boolean {
  const limits = board.limits(options.onlyStable);
  return seats.some((seat) => {
    if (seat.at < 0 || !options.mayMove(seat)) return false;
    return isAbove(limits, board.rankOfLast(seat.at, seat.unit.vips.length));
  });
}

/** Whether a node at the limits might be better than what a unit has. Its own zone is emptier without it. */
const isAbove = (limits: Rank, last: Rank): boolean =>
  isBetter({ ...limits, zone: Math.min(limits.zone, last.zone) }, last);

/** The worst node from which something might move. */
function worst<S extends Seat>(
  board: Board,
  movable: ReadonlyMap<number, readonly S[]>,
  settled: ReadonlySet<number>,
  onlyStable: boolean,
): number | undefined {
  const limits = board.limits(onlyStable);
  let found: number | undefined;
  let rank: Rank | undefined;
  for (const [node, seats] of movable) {
    if (seats.length === 0 || settled.has(node)) continue;
    const size = seats.reduce((least, { unit }) => Math.min(least, unit.vips.length), Number.POSITIVE_INFINITY);
    const last = board.rankOfLast(node, size);
    if (!isAbove(limits, last)) continue;
    if (!rank || isBetter(rank, last) || (!isBetter(last, rank) && node < (found ?? 0))) {
      found = node;
      rank = last;
    }
  }
  return found;
}

function moveOne<S extends Seat>(board: Board, seats: readonly S[], options: LevelOptions<S>): S | undefined {
  for (const seat of seats) {
    const { unit, at: from } = seat;
    board.lift(unit, from);
    const before = board.rank(unit, from);
    const to = board.best(unit, options.onlyStable, seat.favourite);
    const after = to < 0 ? before : board.rank(unit, to);
    const better = to >= 0 && isBetter(after, before);
    board.put(unit, better ? to : from);
    if (!better) continue;
    seat.at = to;
    options.moved(seat, from, before, after);
    return seat;
  }
  return undefined;
}
