/** What is held away from home and may return. */
import { Reason } from '../reasons.ts';
import type { Board } from './board.ts';
import type { PlacementInput } from './place.ts';
import { isDegraded, leave, type PlacedSeat, sit } from './seats.ts';

/** Brings home what may return now, all at once: two VIPs may have to change places. Returns whether any did. */
export function goHome(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
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
export function changePlaces(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
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
  if (!node || at === home || isDegraded(node)) return false;
  const isDue = failback.policy === 'Automatic' && node.stable;
  if (!isDue && !unit.vips.some((vip) => failbackAsked.has(vip))) return false;
  return board.whyNotAlone(unit, home) === undefined && node.closed === undefined;
}
