import { describe, expect, it } from '@jest/globals';
import { vipAddress as v } from '../../core/ids.ts';
import { revokeAfterMs, TIMING_PROFILES, type TimingProfile } from '../../core/timing.ts';
import { addresses, Scene } from './scene.ts';

const bound = (profile: TimingProfile): number => revokeAfterMs(TIMING_PROFILES[profile]) + 60;

describe('a cluster of real cores in virtual time', () => {
  it('D2 D4 spreads a pool over the nodes', () => {
    const scene = new Scene(1);
    expect(scene.unheld()).toEqual([]);
    expect(scene.unevenness()).toBeLessThanOrEqual(1);
  });

  it.each(['Default', 'Fast', 'Turbo'] as const)(
    'A7 takes over within the lease and its margin, A8 gives the same VIPs back after the delay: %s',
    (profile) => {
      const scene = new Scene(2, 6, { profile, timing: TIMING_PROFILES[profile] });
      const before = scene.where();
      const [vip = v('')] = scene.vips;
      scene.cause({ kind: 'power', a: scene.holderOf(vip).index, ms: 4_000 });
      expect(scene.outage(vip, 3_000)).toBeLessThanOrEqual(bound(profile));
      expect(scene.unheld()).toEqual([]);
      expect(scene.unevenness()).toBeLessThanOrEqual(1);
      scene.run(6_000);
      expect(scene.where()).toEqual(before);
    },
  );

  it('A2 elects another master after a crash within the leases of the agents, and no VIP moves', () => {
    const scene = new Scene(3);
    const before = scene.where();
    const { master } = scene;
    scene.cause({ kind: 'killController', a: master.index });
    scene.run(1_000);
    expect(scene.master).not.toBe(master);
    scene.run(5_000);
    expect(scene.where()).toEqual(before);
  });

  it('D6 hands mastership over at once when a controller is stopped', () => {
    const scene = new Scene(4);
    const { master } = scene;
    scene.cause({ kind: 'stopController', a: master.index });
    scene.run(50);
    expect(scene.master).not.toBe(master);
  });

  it('survives the master and a holder on one host going down together', () => {
    const scene = new Scene(5, 6, { shared: true });
    const { master } = scene;
    const vip = scene.vips.find((item) => scene.holderOf(item).index === master.machine) ?? v('');
    scene.cause({ kind: 'power', a: master.machine });
    expect(scene.outage(vip, 4_000)).toBeLessThanOrEqual(bound('Default'));
    expect(scene.unheld()).toEqual([]);
  });

  it('A11 keeps every VIP while the election store is away, and takes over meanwhile', () => {
    const scene = new Scene(6);
    const before = scene.where();
    const [vip = v('')] = scene.vips;
    scene.cause({ kind: 'storeDown', ms: 40_000 });
    scene.run(20_000);
    expect(scene.where()).toEqual(before);
    scene.cause({ kind: 'power', a: scene.holderOf(vip).index, ms: 5_000 });
    expect(scene.outage(vip, 3_000)).toBeLessThanOrEqual(bound('Default'));
    scene.run(30_000);
    expect(scene.where()).toEqual(before);
  });

  it('releases what was taken out of a pool and binds what was added, and touches nothing else', () => {
    const scene = new Scene(7);
    const rest = scene.vips.slice(1);
    const before = scene.where(rest);
    scene.world.source.apply(scene.manifest([...addresses(6).slice(1), '192.0.2.100'], 2));
    scene.run(300);
    expect(scene.where([v('192.0.2.1')])).toEqual([[]]);
    expect(scene.unheld([v('192.0.2.100')])).toEqual([]);
    expect(scene.where(rest)).toEqual(before);
  });

  it('keeps working by the last valid manifest', () => {
    const scene = new Scene(8);
    const before = scene.where();
    scene.world.source.apply(scene.manifest(['not an address'], 2));
    scene.run(500);
    expect(scene.where()).toEqual(before);
    expect(scene.world.source.readable().pools[0]?.status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      observedGeneration: 2,
    });
  });

  it('releases everything of a removed pool before it lets it go', () => {
    const scene = new Scene(9);
    scene.world.source.apply({ ...scene.manifest(addresses(6), 1), deleting: true });
    scene.run(500);
    expect(scene.where().flat()).toEqual([]);
    expect(scene.world.source.snapshot().pools).toEqual([]);
  });

  it('does not let a removed pool go before every node can have told what it holds', () => {
    const scene = new Scene(11);
    const { controllers, source, kernels } = scene.world;
    for (const controller of controllers) controller.kill(true);
    source.apply({ ...scene.manifest(addresses(6), 1), deleting: true });
    for (const controller of controllers) controller.start();
    for (let ms = 0; ms < 10_000 && source.snapshot().pools.length > 0; ms++) scene.run(1);
    expect(source.snapshot().pools).toEqual([]);
    expect(kernels.map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  it('A7 a host whose management network is cut is silent before another one takes over', () => {
    const scene = new Scene(10);
    const [vip = v('')] = scene.vips;
    const victim = scene.holderOf(vip);
    scene.cause({ kind: 'cut', a: 63, b: 2 ** victim.index, c: 1, ms: 5_000 });
    expect(scene.outage(vip, 2_500)).toBeLessThanOrEqual(300);
    expect(victim.size).toBe(0);
    scene.run(8_000);
    expect(scene.unevenness()).toBeLessThanOrEqual(1);
  });

  it('a host whose agent hangs is silent by itself within its lease', () => {
    const scene = new Scene(12);
    const [vip = v('')] = scene.vips;
    const victim = scene.holderOf(vip);
    scene.cause({ kind: 'freezeAgent', a: victim.index, ms: 5_000 });
    scene.run(1_000);
    expect(victim.has(vip)).toBe(true);
    expect(victim.answers(vip)).toBe(false);
    scene.run(300);
    expect(scene.unheld()).toEqual([]);
  });

  it('an agent that is back within its lease goes on without a break', () => {
    const scene = new Scene(13);
    const [vip = v('')] = scene.vips;
    const before = scene.where();
    scene.cause({ kind: 'killAgent', a: scene.holderOf(vip).index, ms: 400 });
    expect(scene.outage(vip, 3_000)).toBe(0);
    expect(scene.where()).toEqual(before);
  });
});

describe('a management network that fails as a whole and comes back', () => {
  const everybody = 2 ** 8 - 1;
  const blackout = (seed: number, shared: boolean): Scene => {
    const pools = [{ name: 'nas', vips: addresses(6), onQuorumLoss: 'Hold', failback: 'Automatic' }] as const;
    const scene = new Scene(seed, 6, { hosts: 5, shared, pools });
    scene.run(3_000);
    scene.cause({ kind: 'cut', a: everybody, b: everybody, c: 1, ms: 4_000 });
    return scene;
  };
  const leased = ({ world }: Scene): readonly number[] =>
    world.agents.filter(({ isLeased }) => isLeased).map(({ machine }) => machine);

  it.each([
    [1, false],
    [2, false],
    [8, true],
    [9, true],
  ])('leaves every VIP where it is, and gives every lease back: seed %i, controllers on hosts: %s', (seed, shared) => {
    const scene = blackout(seed, shared);
    const before = scene.where();
    for (let ms = 0; ms < 6_500; ms += 10) {
      scene.run(10);
      expect(scene.where()).toEqual(before);
    }
    expect(leased(scene)).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([3, 4])('does so also where one host is dead meanwhile: seed %i', (seed) => {
    const scene = blackout(seed, true);
    scene.run(2_000);
    const dead = 4;
    scene.cause({ kind: 'power', a: dead, ms: 20_000 });
    const kept = scene.vips.filter((vip) => scene.world.checks.holders(vip).length === 1);
    const before = scene.where(kept);
    for (let ms = 0; ms < 4_500; ms += 10) {
      scene.run(10);
      expect(scene.where(kept)).toEqual(before);
    }
    expect(leased(scene)).toEqual([0, 1, 2, 3]);
  });
});
