import { beforeEach, describe, expect, it } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import { NEVER } from '../../core/time.ts';
import { probeMs } from '../../core/timing.ts';
import { AgentOnFakes, C1, loopConfig } from '../../testing/agent-on-fakes.ts';

let h: AgentOnFakes;

beforeEach(() => {
  h = new AgentOnFakes();
});

describe('a heartbeat', () => {
  it('is measured until each controller acknowledges it', async () => {
    await h.agent.start();
    h.hear({ kind: 'connected', controller: C1 });
    await h.clock.advance(7);
    h.acknowledge();
    expect(h.recorded.observations.get('heartbeat_round_trip_seconds controller=c1')).toEqual([0.007]);
  });
});

describe('the load of the host', () => {
  /** Ends one sample each. */
  let open: (() => void)[];
  const sample = () => new Promise<undefined>((resolve) => open.push(() => resolve(undefined)));
  beforeEach(() => void (open = []));

  it('is not sampled again while a sample is open', async () => {
    await h.newAgent({}, { sample }).start();
    await h.clock.advance(60_000);
    expect(open).toHaveLength(1);
    open[0]?.();
    await h.clock.advance(5_000);
    expect(open).toHaveLength(2);
  });

  it('is not sampled any more after the end, even where a sample was open', async () => {
    h.agent = h.newAgent({}, { sample });
    await h.agent.start();
    await h.clock.advance(5_000);
    await h.stop('keep');
    open[0]?.();
    await h.clock.advance(60_000);
    expect([open.length, h.clock.pending]).toEqual([1, 0]);
  });
});

describe('a start', () => {
  it('clears what nobody remembers before any controller is spoken to', async () => {
    const vip = vipAddress('192.0.2.9');
    h.network.addresses.set(vip, { vip, interface: 's0', prefixLength: 32 });
    await h.agent.start();
    expect(h.happened()).toEqual([
      'network start',
      'fence close',
      'fence manage 192.0.2.9',
      'save',
      'remove 192.0.2.9',
      'link start',
    ]);
    expect(h.network.addresses.size).toBe(0);
  });

  it('goes on with what the run before remembers, without touching an address', async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    await h.stop('keep');
    const life = h.lastLease();
    h.happened();
    h.agent = h.newAgent();
    await h.agent.start();
    h.hear({ kind: 'connected', controller: C1 });
    expect(h.happened()).toEqual([
      'network start',
      'fence manage 192.0.2.1',
      'save',
      'announce 192.0.2.1',
      'link start',
      'hello',
      'health',
      'applied 192.0.2.1',
    ]);
    expect(h.sent.findLast((message) => message.kind === 'hello')?.lease).toEqual(life);
  });

  it('says hello first on every stream, then a heartbeat at once and each period', async () => {
    await h.agent.start();
    h.happened();
    h.hear({ kind: 'connected', controller: C1 });
    expect(h.happened()).toEqual(['hello', 'health', 'applied ', 'save']);
    await h.clock.advance(600);
    expect(h.happened().filter((line) => line === 'heartbeat')).toHaveLength(4);
  });
});

describe('readiness', () => {
  it('is the lease, whose remaining time is told', async () => {
    expect(h.agent.notReady()).toMatch(/^no lease: .*: not connected\)$/);
    await h.leased();
    expect(h.agent.notReady()).toBeUndefined();
    expect(h.recorded.read().get('node_lease_remaining_seconds node=node-a')).toBeGreaterThan(0.5);
    await h.clock.advance(2_000);
    expect(h.agent.notReady()).toContain('no lease');
  });
});

describe('an assignment', () => {
  it('is saved before it is acted on, and reported after it was', async () => {
    await h.leased();
    h.assign(1, '192.0.2.1', '192.0.2.2');
    expect(h.happened()).toEqual([
      'save',
      'fence manage 192.0.2.1 192.0.2.2',
      'put 192.0.2.1 192.0.2.2',
      'announce 192.0.2.1 192.0.2.2',
      'applied 192.0.2.1 192.0.2.2',
    ]);
    expect(h.recorded.count('announcements_total family=ipv4')).toBe(2);
  });

  it('is finished before an event that came meanwhile is looked at', async () => {
    await h.leased();
    const put = h.network.put.bind(h.network);
    h.network.put = (addresses) => {
      const errors = put(addresses);
      h.network.report({ kind: 'interfaces', interfaces: h.network.links.map((item) => ({ ...item, mac: '' })) });
      h.hear({ kind: 'disconnected', controller: C1 });
      return errors;
    };
    h.assign(1, '192.0.2.1');
    expect(h.happened().slice(-4)).toEqual(['put 192.0.2.1', 'announce 192.0.2.1', 'applied 192.0.2.1', 'health']);
  });

  it('that cannot be carried out in part is so reported', async () => {
    await h.leased();
    h.network.refuses.set('192.0.2.2', 'EEXIST');
    h.assign(1, '192.0.2.1', '192.0.2.2');
    expect(h.sent.at(-1)).toMatchObject({
      kind: 'applied',
      version: 1,
      held: [{ vip: '192.0.2.1' }],
      refused: [{ vip: '192.0.2.2', reason: 'AddressInUse' }],
    });
  });

  it('removes before it adds, and ends the connections of what is gone', async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    h.happened();
    h.assign(2, '192.0.2.2');
    expect(h.happened()).toEqual([
      'save',
      'fence manage 192.0.2.1 192.0.2.2',
      'remove 192.0.2.1',
      'put 192.0.2.2',
      'announce 192.0.2.2',
      'applied 192.0.2.2',
      'drop connections 192.0.2.1',
    ]);
  });
});

describe('E3 a takeover', () => {
  const vip = vipAddress('192.0.2.1');
  const WAIT = probeMs(loopConfig.timing);

  it('asks the network first, and binds when nobody has answered', async () => {
    await h.leased();
    h.takeOver(1, vip);
    expect(h.happened()).toEqual(['save', 'fence manage 192.0.2.1', 'probe 192.0.2.1']);
    await h.clock.advance(WAIT);
    expect(h.happened()).toEqual(['probe 192.0.2.1', 'put 192.0.2.1', 'announce 192.0.2.1', 'applied 192.0.2.1']);
  });

  it('does not bind what somebody answers for, and says who', async () => {
    h.network.rivals.set(vip, '02:00:00:00:00:ff');
    await h.leased();
    h.takeOver(1, vip);
    h.network.answerProbes();
    await h.clock.advance(WAIT);
    expect(h.network.addresses.size).toBe(0);
    expect(h.sent.findLast(({ kind }) => kind === 'applied')).toMatchObject({
      version: 1,
      refused: [{ vip, reason: 'AddressConflict', message: expect.stringContaining('02:00:00:00:00:ff') }],
    });
  });
});

describe('D1 the fence', () => {
  it('opens with the first lease, is refreshed by each acknowledgement, and closes before anything is removed', async () => {
    await h.agent.start();
    h.hear({ kind: 'connected', controller: C1 });
    await h.clock.advance(200);
    h.acknowledge();
    await h.clock.advance(200);
    h.acknowledge();
    h.assign(1, '192.0.2.1');
    expect(h.trace.filter((line) => /^fence (acquire|refresh)/.test(line))).toEqual(['fence acquire', 'fence refresh']);
    expect(h.kernel.lets(vipAddress('192.0.2.1'))).toBe(true);
    h.happened();
    await h.clock.advance(1_000);
    const lines = h.happened();
    expect(lines.indexOf('fence close')).toBeGreaterThanOrEqual(0);
    expect(lines.indexOf('fence close')).toBeLessThan(lines.indexOf('remove 192.0.2.1'));
  });

  it('silences a process that stands still while it refreshes: the lease is lost, whatever the clock says', async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    h.kernel.close();
    await h.clock.advance(200);
    h.acknowledge();
    expect(h.network.addresses.size).toBe(0);
    expect(h.lastLease().epoch).toBe(1);
    await h.clock.advance(200);
    expect(h.lastLease().epoch).toBe(2);
  });

  it('that the host does not have is told, and the lease alone decides', async () => {
    h.agent = h.newAgent({ report: { kind: 'none', reason: 'no egress hook' } });
    await h.leased();
    for (const passed of [200, 200]) {
      await h.clock.advance(passed);
      h.acknowledge();
    }
    h.assign(1, '192.0.2.1');
    expect([...h.network.addresses.keys()]).toEqual(['192.0.2.1']);
    const health = h.sent.find((message) => message.kind === 'health');
    expect(health?.fence).toEqual({ active: false, message: 'no egress hook' });
  });
});

it('a host that is scheduled in real time no longer says so', async () => {
  await h.leased();
  h.scheduling = { active: false, message: 'throttled' };
  h.agent.realtimeChanged();
  expect(h.sent.at(-1)).toMatchObject({ kind: 'health', realtime: h.scheduling });
});

it('a host where nobody asked for real-time scheduling says nothing of it', async () => {
  h.scheduling = undefined;
  await h.leased();
  const health = h.sent.find((message) => message.kind === 'health');
  expect(health).toHaveProperty('realtime', undefined);
});

describe('what others do to our addresses', () => {
  beforeEach(async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    h.happened();
  });

  it('is undone when the kernel tells of it', () => {
    const vip = vipAddress('192.0.2.1');
    h.network.addresses.delete(vip);
    h.network.report({ kind: 'address-removed', address: { vip, interface: 's0', prefixLength: 32 } });
    expect(h.happened()).toContain('put 192.0.2.1');
    expect(h.network.addresses.has(vip)).toBe(true);
  });

  it('is found by reading everything again where events were lost', () => {
    const stray = vipAddress('192.0.2.99');
    h.network.addresses.clear();
    h.network.addresses.set(stray, { vip: stray, interface: 's0', prefixLength: 32 });
    h.network.report({ kind: 'overflow' });
    expect(h.happened()).toEqual(['health', 'remove 192.0.2.99', 'put 192.0.2.1', 'announce 192.0.2.1']);
    expect([...h.network.addresses.keys()]).toEqual(['192.0.2.1']);
  });
});

describe('without acknowledgements', () => {
  it('everything is released when the lease ends', async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    h.happened();
    await h.clock.advance(1_000);
    expect(h.happened()).toContain('remove 192.0.2.1');
    expect(h.network.addresses.size).toBe(0);
  });
});

describe('a stop', () => {
  beforeEach(async () => {
    await h.leased();
    h.assign(1, '192.0.2.1');
    h.happened();
  });

  it('that hands over releases before it says goodbye, and ends the link after that', async () => {
    await h.stop('handover', 2);
    expect(h.happened()).toEqual([
      'health',
      'save',
      'remove 192.0.2.1',
      'applied ',
      'drop connections 192.0.2.1',
      'fence close',
      'save lease',
      'goodbye',
      'link stop',
      'network stop',
      'fence remove',
      'fence stop',
    ]);
    expect(h.memory?.leaseValidUntil).toBe(NEVER);
  });

  it('that cannot release says no goodbye, and says why', async () => {
    h.network.refuses.set('192.0.2.1', 'EPERM');
    const stopped = h.agent.stop('handover');
    for (let round = 0; round < 4; round++) {
      await h.clock.advance(200);
      h.acknowledge();
    }
    h.happened();
    await h.clock.advance(300);
    await stopped;
    expect(h.happened()).toEqual([
      'heartbeat',
      'fence close',
      'remove 192.0.2.1',
      'save lease',
      'applied 192.0.2.1',
      'link stop',
      'network stop',
      'fence stop',
    ]);
    const errors = h.recorded.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual([
      'VIP not removed',
      'VIPs left behind: they are free for others when the node lease ends',
    ]);
  });

  it('that keeps leaves the addresses and the memory alone', async () => {
    const remembered = h.memory;
    await h.stop('keep');
    expect(h.happened()).toEqual(['link stop', 'network stop', 'fence stop']);
    expect(h.kernel.lets(vipAddress('192.0.2.1'))).toBe(true);
    expect(h.memory).toBe(remembered);
    expect([...h.network.addresses.keys()]).toEqual(['192.0.2.1']);
  });

  it('is the end: no timer is left, and no event has an effect', async () => {
    await h.stop('handover', 2);
    h.happened();
    expect(h.clock.pending).toBe(0);
    h.hear({ kind: 'connected', controller: C1 });
    h.network.report({ kind: 'overflow' });
    await h.clock.advance(60_000);
    expect(h.happened()).toEqual([]);
  });
});
