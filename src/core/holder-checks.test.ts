/** Checks of role Holder: whoever holds no VIP of the pool any more is not known to be well. */
import { describe, expect, it } from '@jest/globals';
import { check, checkState, n, pool, v } from '../testing/core-builders.ts';
import { HealthRig } from '../testing/health-rig.ts';
import type { CheckState } from './check-state.ts';
import { type HealthSpec, NO_HEALTH } from './health-spec.ts';

const [A, B, C, D] = ['node-a', 'node-b', 'node-c', 'node-d'] as const;
const VIP = v('192.0.2.1');
const SECOND = 1_000;
/** Fails 4 s after its cause began. */
const NOTICE_MS = 4 * SECOND;

/** The agents run the check where a VIP is held, and nowhere else. */
class Holders {
  readonly rig: HealthRig;
  /** Where the check fails. */
  readonly ill = new Set<string>();
  readonly #since = new Map<string, number>();
  readonly #nodes: readonly string[];

  constructor(nodes: readonly string[], over: Partial<HealthSpec> = {}) {
    const nfs = check('nfs', { role: 'Holder' });
    const health = { ...NO_HEALTH, checks: [nfs], ...over };
    this.rig = new HealthRig([pool({ vips: [VIP], homes: new Map([[VIP, n(A)]]), health })], ...nodes);
    this.#nodes = nodes;
    for (const node of nodes) this.#tell(node);
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.rig.run(SECOND);
      for (const node of this.#nodes) this.#tell(node);
    }
    return this;
  }

  get moves(): string[] {
    return this.rig.moves.map(({ to }) => to ?? 'nowhere');
  }

  #tell(node: string): void {
    const holds = this.rig.holder(VIP) === node;
    if (!holds) this.#since.delete(node);
    else if (!this.#since.has(node)) this.#since.set(node, this.rig.now);
    const forMs = this.rig.now - (this.#since.get(node) ?? this.rig.now);
    const isIll = this.ill.has(node);
    const ran: CheckState['state'] = forMs < (isIll ? NOTICE_MS : SECOND) ? 'Pending' : isIll ? 'Failing' : 'Passing';
    const state = holds ? ran : 'Idle';
    const known = this.rig.entries.get(n(node))?.checks[0]?.state;
    // What it says while it holds does not change before it fails.
    if (known !== state && !(known === 'Passing' && state === 'Pending'))
      this.rig.report(node, checkState('nfs', state, { sinceMs: 0 }));
  }
}

describe('a check of holders that fails', () => {
  it('is a fault for a growing time where the VIP was: it comes back seldom, and less and less often', () => {
    const world = new Holders([A, B]).run(10);
    world.ill.add(A);
    world.run(3_600);
    const back = world.rig.moves.filter(({ to }) => to === A).map(({ at }) => at);
    const pauses = back.slice(1).map((at, i) => Math.round((at - (back[i] ?? 0)) / SECOND));
    // Hold-off of 240 s, 480 s and so on, and each time the delay and the time to notice.
    for (const [i, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(Math.min(600, 240 * 2 ** i) + 30);
    expect(back.length).toBeLessThanOrEqual(7);
    expect(world.rig.holder(VIP)).toBe(B);
  });

  it('moves a VIP three times at most in five minutes, however often it flips', () => {
    const world = new Holders([A, B]).run(10);
    for (let second = 0; second < 300; second++) {
      if (second % 10 === 0) world.ill.add(A);
      if (second % 10 === 5) world.ill.delete(A);
      world.run(1);
    }
    expect(world.moves.length).toBeGreaterThanOrEqual(1);
    expect(world.moves.length).toBeLessThanOrEqual(3);
  });

  it('is told as a hold-off, and the VIP comes home after it and the delay when the cause is gone', () => {
    const world = new Holders([A, B]).run(10);
    world.ill.add(A);
    world.run(10);
    expect(world.moves).toEqual([B]);
    expect(world.rig.book.values().next().value?.nodes.get(n(A))?.heldOffUntil).toBeDefined();
    world.ill.delete(A);
    world.run(130);
    expect(world.moves).toEqual([B]);
    world.run(30);
    expect(world.moves).toEqual([B, A]);
    expect(world.run(600).moves).toHaveLength(2);
  });

  it('what only degrades a node does not come and go either', () => {
    const nfs = check('nfs', { role: 'Holder', severity: 'Degrade', penalty: 90 });
    const world = new Holders([A, B], { checks: [nfs] }).run(10);
    world.ill.add(A);
    world.run(3_600);
    expect(world.moves.length).toBeLessThanOrEqual(18);
  });

  it.each([3, 4, 20])('everywhere chases no VIP around %d nodes', (count) => {
    const nodes = Array.from({ length: count }, (_, i) => (i === 0 ? A : `node-${i}`));
    const world = new Holders(nodes).run(10);
    for (const node of nodes) world.ill.add(node);
    world.run(60);
    expect(world.moves.length).toBeLessThanOrEqual(4);
    world.run(3_540);
    expect(world.moves.length).toBeLessThanOrEqual(count === 3 ? 30 : 125);
  });

  it.each([B, C, D])('on three of four nodes does not keep the VIP from the fourth, %s', (healthy) => {
    const world = new Holders([A, B, C, D]).run(10);
    for (const node of [A, B, C, D]) if (node !== healthy) world.ill.add(node);
    expect(world.run(240).rig.holder(VIP)).toBe(healthy);
  });

  it('with Release nobody holds what no node can serve, until one may be tried again', () => {
    const world = new Holders([A, B], { whenAllUnhealthy: 'Release' }).run(10);
    world.ill.add(A).add(B);
    world.run(15);
    expect(world.rig.holder(VIP)).toBeUndefined();
    world.ill.clear();
    expect(world.run(30).rig.holder(VIP)).toBeDefined();
  });
});
