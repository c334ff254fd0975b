import { beforeEach, describe, expect, it } from '@jest/globals';
import { electorate } from '../../testing/core-builders.ts';
import { ControllerOnFakes } from '../../testing/controller-on-fakes.ts';
import { FakeElection } from '../../testing/fake-election-store.ts';
import { FakeSourceStore } from '../../testing/fake-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

let clock: VirtualClock;
let election: FakeElection;
let controller: ControllerOnFakes;

beforeEach(() => {
  clock = new VirtualClock();
  election = new FakeElection(clock);
  const declared = new FakeSourceStore();
  declared.apply('nas', { addresses: ['192.0.2.1', '192.0.2.2'], interface: { names: ['s0'] } });
  controller = new ControllerOnFakes('c1', { clock, election, declared, trace: [] }, electorate(1));
});

describe('a controller', () => {
  it('is ready as master, and tells what the nodes hold', async () => {
    await controller.loop.start();
    expect(controller.loop.notReady()).toBe('has not learnt from etcd yet which controllers there are');
    controller.greet();
    await controller.withHeartbeats(2_000);
    controller.confirm();
    await controller.withHeartbeats(200);
    expect(controller.loop.notReady()).toBeUndefined();
    const shown = controller.ports.read();
    expect(shown.get('vip_holders pool=nas vip=192.0.2.1')).toBe(1);
    expect(shown.get('bindings node=node-1')).toBe(2);
    expect(controller.ports.observations.get('reconcile_duration_seconds')?.length).toBeGreaterThan(0);
  });

  it('stays ready as master without the store for as long as it may act, and tells nothing of nodes afterwards', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(2_000);
    election.away = true;
    await controller.withHeartbeats(6_000);
    expect(controller.isMaster).toBe(false);
    expect(controller.loop.notReady()).toBe('neither master nor following one');
    expect([...controller.ports.read().keys()].filter((key) => key.startsWith('vip_holders'))).toEqual([]);
  });
});
