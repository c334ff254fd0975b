import { describe, expect, it } from '@jest/globals';
import { n, v, vips } from '../testing/core-builders.ts';
import { type NodeName, poolName } from './ids.ts';
import { followMoves, type MoveLog, type MoveWorld, NO_MOVES } from './move-log.ts';
import { Reason } from './reasons.ts';
import { MAX_HISTORY } from './status-bounds.ts';
import { monotonic } from './time.ts';

const NAS = poolName('nas');
const VIP = v('192.0.2.1');
const [A, B, C] = [n('node-a'), n('node-b'), n('node-c')];

interface Look {
  readonly at: number;
  readonly to: NodeName | undefined;
  readonly holder: NodeName | undefined;
  readonly reason?: Reason;
  readonly told?: boolean;
  readonly recorded?: NodeName;
  readonly silentMs?: number;
}

const look = (
  before: MoveLog,
  { at, to, holder, reason = Reason.Kept, told = false, recorded, silentMs }: Look,
): MoveLog =>
  followMoves(
    before,
    {
      pools: [
        { pool: NAS, bindings: [{ vip: VIP, node: holder, state: holder === undefined ? 'Unassigned' : 'Bound' }] },
      ],
      decisions: new Map([[VIP, { node: to, reason }]]),
      recordedHolder: () => recorded,
      isTold: () => told,
      silentMs: () => silentMs,
    },
    monotonic(at),
  );
const run = (...looks: readonly Look[]): MoveLog => looks.reduce(look, NO_MOVES);
const done = (log: MoveLog) => log.done.get(NAS) ?? [];
const reason = Reason.CheckFailed;

describe('the moves of a VIP', () => {
  it('is told once, when the new holder has confirmed it', () => {
    const start: Look = { at: 0, to: A, holder: A };
    const waiting = run(
      start,
      { at: 10, to: B, holder: A, reason },
      { at: 14, to: B, holder: undefined, reason, told: true },
    );
    expect(done(waiting)).toEqual([]);
    const after = look(waiting, { at: 20, to: B, holder: B, reason, told: true });
    expect(done(after)).toEqual([
      { vip: VIP, from: A, to: B, reason, at: 20, detectMs: undefined, decideMs: 4, bindMs: 6 },
    ]);
    expect(after.finished).toEqual(after.done);
    expect(look(after, { at: 30, to: B, holder: B })).toEqual({ ...after, finished: new Map() });
  });

  it('tells for how long a lost node had been silent', () => {
    const lost: Look = { at: 10, to: B, holder: undefined, reason: Reason.NodeLost, silentMs: 1_100, told: true };
    expect(done(run({ at: 0, to: A, holder: A }, lost, { ...lost, at: 12, holder: B }))).toMatchObject([
      { from: A, to: B, reason: 'NodeLost', detectMs: 1_100, decideMs: 0, bindMs: 2 },
    ]);
  });

  it('knows from the record who held it before the reign, and says nothing of what nobody moved', () => {
    const log = run(
      { at: 0, to: B, holder: undefined, recorded: A, reason: Reason.NodeLost },
      { at: 5, to: B, holder: B },
    );
    expect(done(log)).toMatchObject([{ from: A, to: B }]);
    expect(done(run({ at: 0, to: A, holder: A, recorded: A }))).toEqual([]);
  });

  it('lasts from its beginning where the target is lost on the way', () => {
    const start: Look = { at: 0, to: A, holder: A };
    const lost: Look = { at: 10, to: B, holder: undefined, reason: Reason.NodeLost, silentMs: 1_100, told: true };
    const again: Look = { ...lost, at: 40, to: C, silentMs: 1_130 };
    expect(done(run(start, lost, again, { ...again, at: 45, holder: C }))).toMatchObject([
      { from: A, to: C, detectMs: 1_100, decideMs: 30, bindMs: 5 },
    ]);
  });

  it('finishes all of a pool at once, more than its history has room for', () => {
    const many = vips(100);
    const world = (to: NodeName): MoveWorld => ({
      pools: [{ pool: NAS, bindings: many.map((vip) => ({ vip, node: to, state: 'Bound' })) }],
      decisions: new Map(many.map((vip) => [vip, { node: to, reason }])),
      recordedHolder: () => undefined,
      isTold: () => true,
      silentMs: () => undefined,
    });
    const moved = followMoves(followMoves(NO_MOVES, world(A), monotonic(0)), world(B), monotonic(5));
    expect(moved.finished.get(NAS)).toHaveLength(100);
    expect(done(moved)).toHaveLength(MAX_HISTORY);
    const later = followMoves(moved, world(B), monotonic(6));
    expect(later.finished.size).toBe(0);
    expect(followMoves(later, world(B), monotonic(7))).toBe(later);
  });

  it('is one move where the master changes its mind, and none where it takes it back', () => {
    const start: Look = { at: 0, to: A, holder: A };
    const back = run(start, { at: 5, to: B, holder: A, reason }, { at: 6, to: A, holder: A });
    expect(done(back)).toEqual([]);
    expect(back.open.size).toBe(0);
  });

  it('is told as well where nobody holds it any more', () => {
    const log = run(
      { at: 0, to: A, holder: A },
      { at: 5, to: undefined, holder: A, reason },
      { at: 6, to: undefined, holder: undefined },
    );
    expect(done(log)).toMatchObject([{ from: A, to: undefined, reason }]);
  });

  it('keeps as many as a status has room for, the newest first', () => {
    let log = run({ at: 0, to: A, holder: A });
    for (let move = 1; move <= 70; move++) {
      const to = move % 2 === 0 ? A : B;
      log = look(log, { at: move, to, holder: to, reason });
    }
    expect(done(log)).toHaveLength(64);
    expect(done(log)[0]?.at).toBe(70);
  });

  it('forgets VIPs that are gone', () => {
    const log = run({ at: 0, to: A, holder: A });
    const world = { pools: [], decisions: new Map(), recordedHolder: () => undefined };
    const after = followMoves(log, { ...world, isTold: () => false, silentMs: () => undefined }, monotonic(1));
    expect(after.settled.size).toBe(0);
  });
});
