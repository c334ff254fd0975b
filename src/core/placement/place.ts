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
}

interface PlacedSeat extends Seat {
  readonly home: number;
  /** Where it was when the placement began; of a split group where most of it was. */
  readonly from: NodeName | undefined;
  /** Why it is not where it was. */
  cause: Reason | undefined;
  /** Of a unit that no node may have: where its VIPs are meanwhile. */
  stuck: readonly { readonly unit: Unit; readonly at: number }[] | undefined;
}

export function place(input: PlacementInput): Map<VipAddress, Placed> {
  const { maxPerNode, obstacle, otherLoad } = input;
  const weightOf = ({ effectiveWeight }: PlaceNode): number => effectiveWeight;
  const board = new Board(input.nodes, { maxPerNode, obstacle, otherLoad, weightOf });
  const seats = input.units.map((unit) => seatOf(unit, input, board));
  keepHolders(board, seats);
  for (;;) {
    const returned = goHome(input, board, seats);
    const found = placeRest(input, board, seats);
    // What moved may have made room for what had none.
    if (!level(input, board, seats) && !returned && !found) break;
  }
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
  return { unit, at: -1, home: board.indexOf(home), from, cause: undefined, stuck: undefined };
}

/** What is at home is counted first: of too many on one node the others have to go. */
function keepHolders(board: Board, seats: readonly PlacedSeat[]): void {
  const keep = (seat: PlacedSeat, at: number): void => {
    const why = board.whyNotKeep(seat.unit, at);
    if (why === undefined) return sit(board, seat, at);
    const isOfSome = seat.unit.vips.length > 1 && board.whyNotAlone(seat.unit, at) !== undefined;
    seat.cause = isOfSome ? Reason.GroupTogether : why;
  };
  const strangers: (readonly [PlacedSeat, number])[] = [];
  for (const seat of seats) {
    if (seat.from === undefined) continue;
    const at = board.indexOf(seat.from);
    if (at === seat.home && at >= 0) keep(seat, at);
    else strangers.push([seat, at]);
  }
  for (const [seat, at] of strangers) keep(seat, at);
}

function sit(board: Board, seat: PlacedSeat, at: number): void {
  board.put(seat.unit, at);
  seat.at = at;
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
      for (const seat of returning) seat.cause = Reason.Failback;
      return true;
    }
    for (const seat of fitting) board.lift(seat.unit, seat.at);
    for (const [i, seat] of returning.entries()) sit(board, seat, before[i] ?? -1);
    returning = fitting;
  }
  return false;
}

/** A node that a check degrades calls nothing home: it is given what its share allows. */
function mayReturn({ failback, failbackAsked }: PlacementInput, board: Board, { unit, at, home }: PlacedSeat): boolean {
  const node = board.nodes[home];
  if (!node || at === home || !node.stable || isDegraded(node)) return false;
  if (failback.policy !== 'Automatic' && !unit.vips.some((vip) => failbackAsked.has(vip))) return false;
  return board.whyNotAlone(unit, home) === undefined && node.closed === undefined;
}

/** Places what has no node yet. Returns whether any found one that had none before. */
function placeRest(input: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
  let found = false;
  const rest = seats.filter(({ at }) => at < 0);
  for (const atHome of [true, false]) {
    for (const seat of rest) {
      if (seat.at >= 0) continue;
      for (const { unit, at } of seat.stuck ?? []) board.lift(unit, at);
      const homeFits = seat.home >= 0 && board.whyNot(seat.unit, seat.home) === undefined;
      const to = atHome ? (homeFits && !isDegraded(board.nodes[seat.home]) ? seat.home : -1) : board.best(seat.unit);
      if (to >= 0) {
        found ||= seat.stuck !== undefined;
        seat.stuck = undefined;
        sit(board, seat, to);
      } else {
        if (!atHome) seat.stuck ??= whereItIs(input, board, seat.unit);
        for (const { unit, at } of seat.stuck ?? []) board.put(unit, at);
      }
    }
  }
  return found;
}

function whereItIs({ holders }: PlacementInput, board: Board, unit: Unit): PlacedSeat['stuck'] {
  return unit.vips.flatMap((vip) => {
    const at = board.indexOf(holders.get(vip));
    return at < 0 ? [] : [{ unit: { ...unit, vips: [vip] }, at }];
  });
}

/** What cannot be at home is spread evenly, and a degraded node keeps no more than its share. */
function level({ failback }: PlacementInput, board: Board, seats: readonly PlacedSeat[]): boolean {
  const automatic = failback.policy === 'Automatic';
  return levelOut(board, seats, {
    mayMove: ({ at, home }) => (automatic && at !== home) || isDegraded(board.nodes[at]),
    onlyStable: true,
    moved: (seat, from, before, after) => {
      // The reason why it had to leave its holder tells more than where it was put then.
      if (seat.from === board.nodes[from]?.node || seat.cause === Reason.Failback) {
        seat.cause = causeOf(before, after, isDegraded(board.nodes[from]));
      }
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
  const own = unit.vips.length > 1 ? board.whyNotAlone({ vips: [vip] }, board.indexOf(holder)) : undefined;
  return { node, reason: own ?? (from === holder ? cause : undefined) ?? Reason.GroupTogether };
}
