import { describe, expect, it } from '@jest/globals';
import { poolName, type VipAddress } from '../../core/ids.ts';
import type { PoolManifest } from '../../core/manifest.ts';
import { v } from '../core-builders.ts';
import type { SimHost } from './sim-host.ts';
import { type PlantedBugs, World } from './world.ts';

const addresses = (count: number): string[] => Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}`);
const manifest = (list: readonly string[], generation = 1, delay = '2s'): PoolManifest => ({
  name: poolName('nas'),
  uid: 'uid',
  generation,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: { addresses: list, interface: { names: ['s0'] }, failback: { delay } },
  status: undefined,
});

function world(seed: number, count = 6, bugs: PlantedBugs = {}): World {
  const made = new World(seed, { controllers: 3, hosts: 3 }, bugs);
  made.apply(manifest(addresses(count)));
  made.start();
  made.run(4_000);
  return made;
}

const where = (made: World, list: readonly string[]): (readonly string[])[] =>
  list.map((address) => made.holders(v(address)).map((host) => host.node));

function expectHeldAndBalanced(made: World, list: readonly string[]): void {
  const trace = made.history.slice(-30).join('\n');
  const holders = list.map((address) => made.holders(v(address)));
  expect({ unheld: list.filter((_, i) => holders[i]?.length !== 1), trace }).toEqual({ unheld: [], trace });
  const up = made.hosts.filter((host) => host.powered);
  const load = up.map((host) => host.kernel.size);
  expect(Math.max(...load) - Math.min(...load)).toBeLessThanOrEqual(1);
}

const leader = (made: World): World['controllers'][number] => {
  const found = made.controllers.find((controller) => controller.leads);
  if (!found) throw new Error('nobody leads');
  return found;
};

/** Longest time that the VIP had no holder while the world ran. */
function outage(made: World, vip: VipAddress, forMs: number): number {
  let since: number | undefined;
  let longest = 0;
  for (const end = made.timeline.now + forMs; made.timeline.now < end; made.run(1)) {
    if (made.holders(vip).length > 0) since = undefined;
    else longest = Math.max(longest, made.timeline.now - (since ??= made.timeline.now));
  }
  return longest;
}

describe('a cluster of real cores in virtual time', () => {
  it('D2 D4 spreads a pool over the nodes', () => {
    expectHeldAndBalanced(world(1), addresses(6));
  });

  it('A7 takes over within the lease and its margin, A8 gives the same VIPs back after the delay', () => {
    const made = world(2);
    const before = where(made, addresses(6));
    const victim = made.hosts[0] as SimHost;
    const [vip] = [...victim.kernel.keys()] as [VipAddress];
    victim.powerOff();
    expect(outage(made, vip, 2_000)).toBeLessThanOrEqual(1_150);
    expectHeldAndBalanced(made, addresses(6));
    victim.powerOn();
    made.run(6_000);
    expect(where(made, addresses(6))).toEqual(before);
  });

  it('A2 elects another master after a crash, and no VIP moves', () => {
    const made = world(3);
    const before = where(made, addresses(6));
    const first = leader(made);
    first.kill();
    made.controllerDied(first);
    made.run(5_000);
    expect(leader(made)).not.toBe(first);
    expect(where(made, addresses(6))).toEqual(before);
  });

  it('D6 hands mastership over at once when a controller is stopped', () => {
    const made = world(4);
    const first = leader(made);
    first.event({ kind: 'stop' });
    made.run(20);
    for (const controller of made.controllers) controller.event({ kind: 'election', event: { kind: 'store-changed' } });
    made.run(50);
    expect(leader(made)).not.toBe(first);
  });

  it('survives the master and a holder on one host going down together', () => {
    const made = world(5);
    const first = leader(made);
    const victim = made.hosts[1] as SimHost;
    const [vip] = [...victim.kernel.keys()] as [VipAddress];
    first.kill();
    made.controllerDied(first);
    victim.powerOff();
    expect(outage(made, vip, 8_000)).toBeLessThanOrEqual(4_500);
    expectHeldAndBalanced(made, addresses(6));
  });

  it('keeps every VIP while the election store is away', () => {
    const made = world(6);
    const before = where(made, addresses(6));
    made.store.away = true;
    made.run(20_000);
    expect(where(made, addresses(6))).toEqual(before);
    made.store.away = false;
    made.run(8_000);
    expect(where(made, addresses(6))).toEqual(before);
  });

  it('releases what was taken out of a pool and binds what was added, and touches nothing else', () => {
    const made = world(7);
    const before = where(made, addresses(6).slice(1));
    made.apply(manifest([...addresses(6).slice(1), '192.0.2.100'], 2));
    made.run(200);
    expect(made.holders(v('192.0.2.1'))).toEqual([]);
    expect(made.holders(v('192.0.2.100'))).toHaveLength(1);
    expect(where(made, addresses(6).slice(1))).toEqual(before);
  });

  it('keeps working by the last valid manifest', () => {
    const made = world(8);
    const before = where(made, addresses(6));
    made.apply(manifest(['not an address'], 2));
    made.run(500);
    expect(where(made, addresses(6))).toEqual(before);
    expect(made.snapshot().pools[0]?.status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      observedGeneration: 2,
    });
  });

  it('releases everything of a removed pool before it lets it go', () => {
    const made = world(9);
    made.apply({ ...manifest(addresses(6)), deleting: true });
    made.run(500);
    expect(where(made, addresses(6)).flat()).toEqual([]);
    expect(made.snapshot().pools).toEqual([]);
  });

  it('does not let a removed pool go before every node can have told what it holds', () => {
    const made = world(11);
    for (const controller of made.controllers) {
      controller.kill();
      made.controllerDied(controller);
    }
    made.apply({ ...manifest(addresses(6)), deleting: true });
    for (const controller of made.controllers) restart(made, controller);
    for (let ms = 0; ms < 10_000 && made.snapshot().pools.length > 0; ms++) {
      expect(made.snapshot().pools).toHaveLength(1);
      made.run(1);
    }
    expect(made.snapshot().pools).toEqual([]);
    expect(where(made, addresses(6)).flat()).toEqual([]);
  });

  it('A7 a host whose management network is cut lets go before another one takes over', () => {
    const made = world(10);
    const victim = made.hosts[2] as SimHost;
    const [vip] = [...victim.kernel.keys()] as [VipAddress];
    made.cut(victim);
    expect(outage(made, vip, 2_000)).toBeLessThanOrEqual(300);
    expect(victim.kernel.size).toBe(0);
    made.join(victim);
    made.run(6_000);
    expectHeldAndBalanced(made, addresses(6));
  });

  it('comes through random faults with every VIP held once', () => {
    for (let seed = 100; seed < 180; seed++) throughFaults(seed);
  });

  it.each([
    ['agents that count their lease too long', { agentLeaseMs: 1_500 }, / on node-\d and node-\d /],
    ['a store that gives the lock away too early', { storeEndsLeasesAfterShare: 0.2 }, /two masters/],
  ])('finds a planted bug: %s', (_, bug, message) => {
    expect(() => {
      for (let seed = 1; seed < 50; seed++) throughFaults(seed, bug);
    }).toThrow(message);
  });
});

/** Eight faults at random times, then everything is mended and has to be as it should. */
function throughFaults(seed: number, bugs: PlantedBugs = {}): void {
  const made = world(seed, 7, bugs);
  for (let fault = 0; fault < 8; fault++) {
    breakSomething(made);
    made.run(made.random.between(0, 2_500));
  }
  for (const controller of made.controllers) restart(made, controller);
  for (const host of made.hosts) if (!host.powered) host.powerOn();
  for (const host of made.hosts) host.startAgent();
  for (const host of made.hosts) if (host.cut) made.join(host);
  made.store.away = false;
  made.run(15_000);
  expectHeldAndBalanced(made, addresses(7));
}

function restart(made: World, controller: World['controllers'][number]): void {
  if (controller.up) return;
  controller.start();
  made.controllerStarted(controller);
}

function breakSomething(made: World): void {
  const { random } = made;
  const host = random.pick(made.hosts);
  const controller = random.pick(made.controllers);
  switch (random.pick(['power', 'agent', 'controller', 'network', 'store'])) {
    case 'power':
      made.trace(`** power ${host.node}`);
      if (host.powered) host.powerOff();
      else host.powerOn();
      return;
    case 'agent':
      // The master judges by what it hears itself: an agent that dies before it has found the master again is beyond it.
      if (!host.up || host.upForMs < 600) return;
      made.trace(`** agent ${host.node}`);
      host.killAgent();
      // Restarted before or after its lease ended.
      made.timeline.plan(made.timeline.now + random.between(0, 900), () => host.startAgent());
      return;
    case 'controller':
      made.trace(`** controller ${controller.id}`);
      if (controller.up) {
        controller.kill();
        made.controllerDied(controller);
      } else {
        restart(made, controller);
      }
      return;
    case 'network':
      made.trace(`** network ${host.node}`);
      if (host.cut) made.join(host);
      else made.cut(host);
      return;
    default:
      made.trace('** store');
      made.store.away = !made.store.away;
  }
}
