import { describe, expect, it } from '@jest/globals';
import type { NodeName } from '../../core/ids.ts';
import { addresses, Scene } from './scene.ts';
import type { SimKernel } from './sim-kernel.ts';

const FAST = { name: 'service', type: 'tcp', port: 80, interval: '200ms', timeout: '100ms' };

const checked = (seed: number, health: Record<string, unknown>): Scene =>
  new Scene(seed, 6, {
    pools: [{ name: 'nas', vips: addresses(6), onQuorumLoss: 'Release', failback: 'Automatic', health }],
  });

const [FAILING, ENDED, HANGING] = [0, 1, 2];

/** A host with VIPs, and what it holds. */
function victim(scene: Scene): SimKernel {
  const [vip] = scene.vips;
  if (!vip) throw new Error('no VIP');
  return scene.holderOf(vip);
}

const heldBy = (scene: Scene, node: NodeName): number => scene.where().filter((nodes) => nodes.includes(node)).length;

/** Ms until the host holds nothing; the VIPs are answered elsewhere then. */
function emptied(scene: Scene, host: SimKernel, withinMs: number): number {
  const begin = scene.now;
  while (heldBy(scene, host.node) > 0 && scene.now - begin < withinMs) scene.run(1);
  const ms = scene.now - begin;
  scene.run(100);
  expect(scene.unheld()).toEqual([]);
  return ms;
}

describe('a service that falls ill', () => {
  it('loses its host the VIPs after as many runs as it takes, and gets them back when it is well', () => {
    const scene = checked(1, { checks: [FAST] });
    const before = scene.where();
    const host = victim(scene);
    scene.cause({ kind: 'checkFails', a: host.index, c: FAILING, ms: 4_000 });
    expect(emptied(scene, host, 2_000)).toBeLessThan(2 * 200 + 100);
    scene.run(10_000);
    expect(scene.where()).toEqual(before);
  });

  it('by an end that needs no second look loses them at once', () => {
    const scene = checked(2, { checks: [{ ...FAST, interval: '10s', fall: 5 }] });
    const host = victim(scene);
    scene.cause({ kind: 'checkFails', a: host.index, c: ENDED, ms: 4_000 });
    expect(emptied(scene, host, 1_000)).toBeLessThan(60);
  });

  it('and of which nothing is heard any more loses them when that is too long', () => {
    const scene = checked(3, { checks: [FAST] });
    const host = victim(scene);
    scene.cause({ kind: 'checkFails', a: host.index, c: HANGING, ms: 20_000 });
    const ms = emptied(scene, host, 5_000);
    expect(ms).toBeGreaterThan(1_000);
    expect(ms).toBeLessThan(2 * 200 + 100 + 1_000 + 300);
  });

  it('on every host loses nothing', () => {
    const scene = checked(4, { checks: [FAST] });
    const before = scene.where();
    for (const a of [0, 1, 2]) scene.cause({ kind: 'checkFails', a, c: FAILING, ms: 5_000 });
    scene.run(4_000);
    expect(scene.unheld()).toEqual([]);
    scene.run(15_000);
    expect(scene.where()).toEqual(before);
  });

  it('is mended by its repair, and the VIPs stay; or they go when that did not help', () => {
    const ends = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const scene = checked(seed, { checks: [FAST], repair: { command: ['/checks/repair.sh'], deadline: '1s' } });
      const host = victim(scene);
      const agent = scene.world.agents[host.index];
      scene.cause({ kind: 'checkFails', a: host.index, c: ENDED, ms: 10_000 });
      scene.run(3_000);
      expect(scene.unheld()).toEqual([]);
      const stays = heldBy(scene, host.node) > 0;
      expect(agent?.services.isIll('nas')).toBe(!stays);
      return stays;
    });
    expect(new Set(ends).size).toBe(2);
  });

  it('is known to a new run of the agent, too', () => {
    const scene = checked(6, { checks: [FAST] });
    const host = victim(scene);
    scene.cause({ kind: 'killAgent', a: host.index, ms: 300 });
    scene.run(2_000);
    expect(heldBy(scene, host.node)).toBeGreaterThan(0);
    scene.cause({ kind: 'checkFails', a: host.index, c: FAILING, ms: 4_000 });
    expect(emptied(scene, host, 2_000)).toBeLessThan(2 * 200 + 100);
  });
});
