import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentMemory } from '../../core/agent/agent-memory.ts';
import type { AgentConfig } from '../../core/agent/agent-state.ts';
import { controllerId, nodeName, poolName, vipAddress } from '../../core/ids.ts';
import { parseCidr } from '../../core/ip.ts';
import type { AgentMessage, Assignment, LeaseName } from '../../core/messages.ts';
import { NEVER } from '../../core/time.ts';
import type { AgentMemoryStore } from '../../ports/agent-memory.ts';
import type { ControllerLink, ControllerLinkEvent } from '../../ports/controller-link.ts';
import { term } from '../../testing/core-builders.ts';
import { FakeNetwork } from '../../testing/fake-network.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { SeededRandom } from '../../testing/sim/random.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { AgentLoop } from './agent-loop.ts';

const C1 = controllerId('c1');
const config: AgentConfig = {
  node: nodeName('node-a'),
  machineId: 'machine',
  bootId: 'boot',
  labels: {},
  agentVersion: '0.1.0',
  controllers: [C1],
  interfaces: ['s0'],
  allowedAddresses: [parseCidr('192.0.2.0/24')].flatMap((subnet) => subnet ?? []),
  timing: { heartbeatMs: 200, leaseMs: 1_000, marginMs: 100 },
  addressLifetimeMs: 30_000,
};

let clock: VirtualClock;
let trace: string[];
let network: FakeNetwork;
let recorded: RecordedPorts;
let sent: AgentMessage[];
let memory: AgentMemory | undefined;
let hear: (event: ControllerLinkEvent) => void;
let agent: AgentLoop;

const link: ControllerLink = {
  start(onEvent) {
    trace.push('link start');
    hear = onEvent;
    return Promise.resolve();
  },
  send(_, message) {
    sent.push(message);
    trace.push(message.kind === 'applied' ? `applied ${message.held.map(({ vip }) => vip).join(' ')}` : message.kind);
  },
  stop() {
    trace.push('link stop');
    return Promise.resolve();
  },
};

const store: AgentMemoryStore = {
  load: () => memory,
  save(next) {
    trace.push('save');
    memory = next;
  },
  saveLease(leaseValidUntil) {
    trace.push('save lease');
    if (memory) memory = { ...memory, leaseValidUntil };
  },
};

const newAgent = (): AgentLoop =>
  new AgentLoop(
    { clock, random: new SeededRandom(1), log: recorded.log, metrics: recorded.metrics, network, link, memory: store },
    config,
  );

beforeEach(() => {
  clock = new VirtualClock();
  trace = [];
  sent = [];
  memory = undefined;
  recorded = new RecordedPorts();
  network = new FakeNetwork((line) => trace.push(line));
  agent = newAgent();
});

/** What happened since the last look. */
const happened = (): string[] => trace.splice(0);

const lastLease = (): LeaseName => {
  const beat = sent.findLast((message) => message.kind === 'heartbeat');
  if (!beat) throw new Error('no heartbeat was sent');
  return beat.lease;
};

const assignment = (version: number, ...vips: string[]): Assignment => ({
  term: term(1),
  version,
  node: config.node,
  lease: lastLease(),
  vips: vips.map((vip) => ({
    vip: vipAddress(vip),
    pool: poolName('nas'),
    interface: 's0',
    prefixLength: 32,
    announce: { count: 2, intervalMs: 1_100, refreshMs: 0 },
  })),
});

const assign = (version: number, ...vips: string[]): void =>
  hear({ kind: 'message', controller: C1, message: { kind: 'assignment', ...assignment(version, ...vips) } });

const acknowledge = (): void => {
  const beat = sent.findLast((message) => message.kind === 'heartbeat');
  if (beat) {
    const message = { kind: 'ack' as const, sequence: beat.sequence, term: term(1), master: C1 };
    hear({ kind: 'message', controller: C1, message });
  }
};

/** Started, connected, and with a node lease. */
async function leased(): Promise<void> {
  await agent.start();
  hear({ kind: 'connected', controller: C1 });
  await clock.advance(200);
  acknowledge();
  happened();
}

describe('a start', () => {
  it('clears what nobody remembers before any controller is spoken to', async () => {
    const vip = vipAddress('192.0.2.9');
    network.addresses.set(vip, { vip, interface: 's0', prefixLength: 32 });
    await agent.start();
    expect(happened()).toEqual(['network start', 'save', 'remove 192.0.2.9', 'link start']);
    expect(network.addresses.size).toBe(0);
  });

  it('goes on with what the run before remembers, without touching an address', async () => {
    await leased();
    assign(1, '192.0.2.1');
    await agent.stop('keep');
    const life = lastLease();
    happened();
    agent = newAgent();
    await agent.start();
    hear({ kind: 'connected', controller: C1 });
    expect(happened()).toEqual([
      'network start',
      'save',
      'announce 192.0.2.1',
      'link start',
      'hello',
      'health',
      'applied 192.0.2.1',
    ]);
    expect(sent.findLast((message) => message.kind === 'hello')?.lease).toEqual(life);
  });

  it('says hello first on every stream, then a heartbeat at once and each period', async () => {
    await agent.start();
    happened();
    hear({ kind: 'connected', controller: C1 });
    expect(happened()).toEqual(['hello', 'health', 'applied ']);
    await clock.advance(600);
    expect(happened().filter((line) => line === 'heartbeat')).toHaveLength(4);
  });
});

describe('an assignment', () => {
  it('is saved before it is acted on, and reported after it was', async () => {
    await leased();
    assign(1, '192.0.2.1', '192.0.2.2');
    expect(happened()).toEqual([
      'save',
      'put 192.0.2.1 192.0.2.2',
      'announce 192.0.2.1 192.0.2.2',
      'applied 192.0.2.1 192.0.2.2',
    ]);
    expect(recorded.count('announcements_total')).toBe(2);
  });

  it('is finished before an event that came meanwhile is looked at', async () => {
    await leased();
    const put = network.put.bind(network);
    network.put = (addresses) => {
      const errors = put(addresses);
      network.report({ kind: 'interfaces', interfaces: network.links.map((item) => ({ ...item, mac: '' })) });
      hear({ kind: 'disconnected', controller: C1 });
      return errors;
    };
    assign(1, '192.0.2.1');
    expect(happened()).toEqual(['save', 'put 192.0.2.1', 'announce 192.0.2.1', 'applied 192.0.2.1', 'health']);
  });

  it('that cannot be carried out in part is so reported', async () => {
    await leased();
    network.refuses.set('192.0.2.2', 'EEXIST');
    assign(1, '192.0.2.1', '192.0.2.2');
    expect(sent.at(-1)).toMatchObject({
      kind: 'applied',
      version: 1,
      held: [{ vip: '192.0.2.1' }],
      refused: [{ vip: '192.0.2.2', reason: 'AddressInUse' }],
    });
  });

  it('removes before it adds', async () => {
    await leased();
    assign(1, '192.0.2.1');
    happened();
    assign(2, '192.0.2.2');
    expect(happened()).toEqual([
      'save',
      'remove 192.0.2.1',
      'put 192.0.2.2',
      'announce 192.0.2.2',
      'applied 192.0.2.2',
    ]);
  });
});

describe('what others do to our addresses', () => {
  beforeEach(async () => {
    await leased();
    assign(1, '192.0.2.1');
    happened();
  });

  it('is undone when the kernel tells of it', () => {
    const vip = vipAddress('192.0.2.1');
    network.addresses.delete(vip);
    network.report({ kind: 'address-removed', address: { vip, interface: 's0', prefixLength: 32 } });
    expect(happened()).toContain('put 192.0.2.1');
    expect(network.addresses.has(vip)).toBe(true);
  });

  it('is found by reading everything again where events were lost', () => {
    const stray = vipAddress('192.0.2.99');
    network.addresses.clear();
    network.addresses.set(stray, { vip: stray, interface: 's0', prefixLength: 32 });
    network.report({ kind: 'overflow' });
    expect(happened()).toEqual(['health', 'remove 192.0.2.99', 'put 192.0.2.1', 'announce 192.0.2.1']);
    expect([...network.addresses.keys()]).toEqual(['192.0.2.1']);
  });
});

describe('without acknowledgements', () => {
  it('everything is released when the lease ends', async () => {
    await leased();
    assign(1, '192.0.2.1');
    happened();
    await clock.advance(1_000);
    expect(happened()).toContain('remove 192.0.2.1');
    expect(network.addresses.size).toBe(0);
  });
});

describe('a stop', () => {
  beforeEach(async () => {
    await leased();
    assign(1, '192.0.2.1');
    happened();
  });

  it('that hands over releases before it says goodbye, and ends the link after that', async () => {
    await agent.stop('handover');
    expect(happened()).toEqual(['remove 192.0.2.1', 'save lease', 'applied ', 'goodbye', 'link stop', 'network stop']);
    expect(memory?.leaseValidUntil).toBe(NEVER);
  });

  it('that cannot release says no goodbye, and says why', async () => {
    network.refuses.set('192.0.2.1', 'EPERM');
    await agent.stop('handover');
    expect(happened()).toEqual(['remove 192.0.2.1', 'save lease', 'applied 192.0.2.1', 'link stop', 'network stop']);
    const errors = recorded.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual([
      'VIP not removed',
      'VIPs left behind: they are free for others when the node lease ends',
    ]);
  });

  it('that keeps leaves the addresses and the memory alone', async () => {
    const remembered = memory;
    await agent.stop('keep');
    expect(happened()).toEqual(['link stop', 'network stop']);
    expect(memory).toBe(remembered);
    expect([...network.addresses.keys()]).toEqual(['192.0.2.1']);
  });

  it('is the end: no timer is left, and no event has an effect', async () => {
    await agent.stop('handover');
    happened();
    expect(clock.pending).toBe(0);
    hear({ kind: 'connected', controller: C1 });
    network.report({ kind: 'overflow' });
    await clock.advance(60_000);
    expect(happened()).toEqual([]);
  });
});
