/** The moves of VIPs in one reign, each told when the new holder has confirmed it, with what it took. */
import type { NodeName, PoolName, VipAddress } from './ids.ts';
import type { Placed } from './placement/place.ts';
import type { BindingView } from './pool-view.ts';
import { Reason } from './reasons.ts';
import { MAX_HISTORY } from './status-bounds.ts';
import type { Monotonic } from './time.ts';

export interface DoneMove {
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  readonly to: NodeName | undefined;
  readonly reason: Reason;
  readonly at: Monotonic;
  /** Silence before the loss of a node was certain; undefined where nobody can tell. */
  readonly detectMs: number | undefined;
  /** From there until the new holder was told. */
  readonly decideMs: number | undefined;
  /** From there until it had confirmed. */
  readonly bindMs: number | undefined;
}

interface OpenMove {
  readonly to: NodeName | undefined;
  readonly reason: Reason;
  readonly knownAt: Monotonic;
  readonly detectMs: number | undefined;
  readonly toldAt: Monotonic | undefined;
}

export interface MoveLog {
  /** Who held each VIP last, by its own word. */
  readonly settled: ReadonlyMap<VipAddress, NodeName | undefined>;
  readonly open: ReadonlyMap<VipAddress, OpenMove>;
  /** What the last look found done, all of it. */
  readonly finished: ReadonlyMap<PoolName, readonly DoneMove[]>;
  /** The newest first, as many as a status has room for. */
  readonly done: ReadonlyMap<PoolName, readonly DoneMove[]>;
}

const NONE: MoveLog['finished'] = new Map();

export const NO_MOVES: MoveLog = { settled: new Map(), open: new Map(), finished: NONE, done: NONE };

export interface MoveWorld {
  readonly pools: readonly {
    readonly pool: PoolName;
    readonly bindings: readonly Pick<BindingView, 'vip' | 'node' | 'state'>[];
  }[];
  /** Where the master wants each VIP, and why. */
  readonly decisions: ReadonlyMap<VipAddress, Pick<Placed, 'node' | 'reason'>>;
  /** Who held it before this reign, as far as is known. */
  readonly recordedHolder: (vip: VipAddress) => NodeName | undefined;
  readonly isTold: (vip: VipAddress, node: NodeName) => boolean;
  /** For how long nothing was heard of a node that is lost. */
  readonly silentMs: (node: NodeName) => number | undefined;
}

/** @returns the same log where nothing changed */
export function followMoves(before: MoveLog, world: MoveWorld, now: Monotonic): MoveLog {
  const settled = new Map<VipAddress, NodeName | undefined>();
  const open = new Map<VipAddress, OpenMove>();
  const finished = new Map<PoolName, DoneMove[]>();
  let isSame = true;
  for (const { pool, bindings } of world.pools) {
    for (const { vip, node, state } of bindings) {
      const holder = state === 'Bound' || state === 'Releasing' ? node : undefined;
      const isKnown = before.settled.has(vip);
      const from = isKnown ? before.settled.get(vip) : (holder ?? world.recordedHolder(vip));
      const { node: to, reason } = world.decisions.get(vip) ?? { node: from, reason: Reason.Kept };
      settled.set(vip, from);
      isSame &&= isKnown;
      if (to === from) continue;
      const known = before.open.get(vip);
      const isOn = known?.to === to || holder === undefined;
      const move = followOne(isOn ? known : undefined, { vip, from, to, reason, world, now });
      isSame &&= holder !== to && move === known;
      if (holder !== to) {
        open.set(vip, move);
        continue;
      }
      settled.set(vip, to);
      const list = finished.get(pool) ?? [];
      finished.set(pool, list);
      list.push(doneMove(vip, from, move, now));
    }
  }
  if (isSame && settled.size === before.settled.size && open.size === before.open.size) {
    return before.finished.size === 0 ? before : { ...before, finished: NONE };
  }
  return finished.size === 0
    ? { settled, open, finished: NONE, done: before.done }
    : { settled, open, finished, done: joined(before.done, finished) };
}

interface Case {
  readonly vip: VipAddress;
  readonly from: NodeName | undefined;
  readonly to: NodeName | undefined;
  readonly reason: Reason;
  readonly world: MoveWorld;
  readonly now: Monotonic;
}

function followOne(known: OpenMove | undefined, change: Case): OpenMove {
  const { vip, to, world, now } = change;
  const move = known && known.to === to ? known : begunMove(known, change);
  return move.toldAt === undefined && to !== undefined && world.isTold(vip, to) ? { ...move, toldAt: now } : move;
}

/** Where the target was lost before it had the VIP, clients wait since the decision for it. */
const begunMove = (earlier: OpenMove | undefined, { from, to, reason, world, now }: Case): OpenMove => ({
  to,
  reason,
  knownAt: earlier?.knownAt ?? now,
  detectMs: earlier?.detectMs ?? (from === undefined ? undefined : world.silentMs(from)),
  toldAt: undefined,
});

const doneMove = (
  vip: VipAddress,
  from: NodeName | undefined,
  { to, reason, knownAt, detectMs, toldAt }: OpenMove,
  now: Monotonic,
): DoneMove => ({
  vip,
  from,
  to,
  reason,
  at: now,
  detectMs,
  decideMs: toldAt === undefined ? undefined : toldAt - knownAt,
  bindMs: toldAt === undefined ? undefined : now - toldAt,
});

function joined(
  before: MoveLog['done'],
  news: ReadonlyMap<PoolName, readonly DoneMove[]>,
): ReadonlyMap<PoolName, readonly DoneMove[]> {
  const done = new Map(before);
  for (const [pool, moves] of news) {
    done.set(pool, [...moves.toReversed(), ...(done.get(pool) ?? [])].slice(0, MAX_HISTORY));
  }
  return done;
}
