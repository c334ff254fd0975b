import { describe, expect, it } from '@jest/globals';
import { lease, n, term, v } from '../../testing/core-builders.ts';
import { controllerId, incarnation, poolName, type VipAddress } from '../ids.ts';
import { parseCidr } from '../ip.ts';
import type { AgentMessage, AssignedVip, Assignment } from '../messages.ts';
import type { Term } from '../term.ts';
import { monotonic, NEVER } from '../time.ts';
import { agentWakeAt, stepAgent } from './agent.ts';
import type { AgentMemory, BoundAddress } from './agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  hasLease,
  initialAgent,
} from './agent-state.ts';

const controllers = ['c1', 'c2', 'c3'].map(controllerId);
const [c1, c2] = controllers as [(typeof controllers)[0], (typeof controllers)[0]];
const config: AgentConfig = {
  node: n('node-1'),
  machineId: 'machine',
  bootId: 'boot',
  labels: {},
  agentVersion: '1',
  controllers,
  interfaces: ['s0', 's1'],
  allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'].flatMap((text) => parseCidr(text) ?? []),
  timing: { heartbeatMs: 200, leaseMs: 1_000, marginMs: 100 },
  addressLifetimeMs: 30_000,
};

const assigned = (vip: string, over: Partial<AssignedVip> = {}): AssignedVip => ({
  vip: v(vip),
  pool: poolName('nas'),
  interface: 's0',
  prefixLength: 32,
  announce: { count: 3, intervalMs: 1_100, refreshMs: 0 },
  ...over,
});

/** An agent on a pretended kernel. */
class Host {
  state: AgentState = initialAgent(lease('unborn', 0));
  kernel = new Map<VipAddress, BoundAddress>();
  unbindable = new Set<string>();
  unremovable = new Set<string>();
  effects: AgentEffect[] = [];
  memory: AgentMemory | undefined;

  at(now: number, ...events: readonly AgentEvent[]): this {
    this.effects = [];
    for (const event of events) this.#step(event, now);
    return this;
  }

  #step(event: AgentEvent, now: number): void {
    const [state, effects] = stepAgent(this.state, event, monotonic(now), config);
    this.state = state;
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.kind === 'save') this.memory = effect.memory;
      if (effect.kind === 'save-lease' && this.memory)
        this.memory = { ...this.memory, leaseValidUntil: effect.validUntil };
      if (effect.kind !== 'change') continue;
      for (const { vip } of effect.remove) if (!this.unremovable.has(vip)) this.kernel.delete(vip);
      const failed = effect.put.filter((item) => this.unbindable.has(item.vip));
      for (const item of effect.put) if (!failed.includes(item)) this.kernel.set(item.vip, item);
      this.#step(
        {
          kind: 'observed',
          marked: [...this.kernel.values()],
          errors: failed.map(({ vip }) => ({ vip, code: 'EEXIST' })),
        },
        now,
      );
    }
  }

  start(now = 0): this {
    const marked = [...this.kernel.values()];
    this.state = initialAgent(lease('unborn', 0));
    return this.at(now, {
      kind: 'start',
      memory: this.memory,
      marked,
      interfaces: [],
      incarnation: incarnation(`life-${now}`),
    });
  }

  connect(now: number): this {
    return this.at(now, ...controllers.map((controller) => ({ kind: 'connected' as const, controller })));
  }

  ack(now: number, who: readonly string[], sequence = this.state.sequence, known?: Term): this {
    return this.at(
      now,
      ...who.map((id) => ({ kind: 'ack' as const, controller: controllerId(id), sequence, term: known })),
    );
  }

  assign(now: number, version: number, vips: readonly AssignedVip[], over: Partial<Assignment> = {}): this {
    const assignment = { term: term(1), version, node: config.node, lease: this.state.lease, vips, ...over };
    return this.at(now, { kind: 'assignment', assignment });
  }

  holds(): string[] {
    return [...this.kernel.keys()];
  }

  said<K extends AgentMessage['kind']>(kind: K): Extract<AgentMessage, { kind: K }>[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'send' && effect.controller === c1 && effect.message.kind === kind
        ? [effect.message as Extract<AgentMessage, { kind: K }>]
        : [],
    );
  }

  announced(): string[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'announce' ? effect.addresses.map((item) => item.vip) : [],
    );
  }
}

/** Started at 0, lease obtained at 10 by the heartbeat of 0, two VIPs held. */
const holder = (): Host =>
  new Host()
    .start()
    .connect(0)
    .at(0, { kind: 'tick' })
    .ack(10, ['c1', 'c2'])
    .assign(20, 1, [assigned('192.0.2.1'), assigned('192.0.2.2')]);

describe('node lease', () => {
  it('needs a majority and counts from the moment the heartbeat was sent', () => {
    const host = new Host().start().connect(0).at(0, { kind: 'tick' }).ack(50, ['c1']);
    expect(hasLease(host.state, monotonic(50))).toBe(false);
    host.ack(60, ['c2']);
    expect(host.state.leaseUntil).toBe(1_000);
    expect(host.said('heartbeat')[0]).toMatchObject({ leaseValid: true });
  });

  it('is extended by the newest heartbeat that a majority has acknowledged', () => {
    const host = holder().at(200, { kind: 'tick' });
    host.ack(210, ['c1']);
    expect(host.state.leaseUntil).toBe(1_000);
    host.ack(220, ['c3']);
    expect(host.state.leaseUntil).toBe(1_200);
  });

  it('ends without contact to a majority: everything goes, the epoch grows, the report says so', () => {
    const host = holder().at(1_000, { kind: 'tick' });
    expect(host.holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
    expect(host.said('applied')[0]).toMatchObject({ lease: { epoch: 2 }, version: 0, held: [] });
  });

  it('is not revived by a late acknowledgement, nor by one of the old epoch', () => {
    const host = holder().at(900, { kind: 'tick' });
    host.ack(1_001, ['c1', 'c2']);
    expect(host.holds()).toEqual([]);
    expect(hasLease(host.state, monotonic(1_001))).toBe(false);
  });

  it('ends before a frozen agent that wakes up does anything else', () => {
    const host = holder().assign(5_000, 2, [assigned('192.0.2.3')]);
    expect(host.holds()).toEqual([]);
  });

  it('does not announce or refresh anything after its end', () => {
    const host = holder().at(40_000, { kind: 'tick' });
    expect(host.announced()).toEqual([]);
    expect(host.effects.filter((effect) => effect.kind === 'change' && effect.put.length > 0)).toEqual([]);
  });
});

describe('A6 assignments', () => {
  it('are carried out and reported with their term and version', () => {
    const host = holder();
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.announced()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.said('applied').at(-1)).toMatchObject({
      term: term(1),
      version: 1,
      held: [{ vip: '192.0.2.1' }, { vip: '192.0.2.2' }],
    });
  });

  it('are persisted before they are carried out', () => {
    const kinds = holder().effects.map((effect) => effect.kind);
    expect(kinds.indexOf('save')).toBeLessThan(kinds.indexOf('change'));
  });

  it('remove what is no longer in the set and leave the rest untouched', () => {
    const host = holder().assign(30, 2, [assigned('192.0.2.2'), assigned('192.0.2.3')]);
    const change = host.effects.find((effect) => effect.kind === 'change');
    expect(change).toMatchObject({ remove: [{ vip: '192.0.2.1' }], put: [{ vip: '192.0.2.3' }] });
    expect(host.announced()).toEqual(['192.0.2.3']);
  });

  it.each([
    ['of a lower term', { term: term(0) }],
    ['with a term below one that a controller told of', { term: term(2) }],
    ['with an old version', { version: 1 }],
    ['for another node', { node: n('node-2'), version: 9 }],
    ['for an earlier epoch', { lease: lease('life-0', 0), version: 9 }],
    ['for another life', { lease: lease('other', 1), version: 9 }],
  ] satisfies [string, Partial<Assignment>][])('%s are refused', (title, over) => {
    const host = holder();
    if (title.includes('told of')) host.at(25, { kind: 'ack', controller: c2, sequence: 1, term: term(3) });
    expect(host.assign(30, 2, [], over).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('of another master of the same number are told apart', () => {
    const host = holder();
    const rival = { number: 1, instance: { ...term(1).instance, priority: 1 } };
    host.assign(30, 1, [], { term: rival });
    expect(host.holds()).toEqual([]);
    expect(host.assign(40, 9, [assigned('192.0.2.1')]).holds()).toEqual([]);
  });

  it('are refused without a lease', () => {
    const host = new Host().start().connect(0).at(0, { kind: 'tick' });
    expect(host.assign(10, 1, [assigned('192.0.2.1')]).holds()).toEqual([]);
  });

  it('bind only what this host may: the rest is reported with what to change', () => {
    const host = holder().assign(30, 2, [
      assigned('198.51.100.1'),
      assigned('192.0.2.9', { interface: 'eth9' }),
      assigned('192.0.2.1'),
    ]);
    expect(host.holds()).toEqual(['192.0.2.1']);
    const refused = host.said('applied').at(-1)?.refused ?? [];
    expect(refused.map((item) => item.reason)).toEqual(['AddressNotAllowed', 'InterfaceNotAllowed']);
    expect(refused[0]?.message).toContain('--allowed-addresses');
  });

  it('report an address that somebody else has put there', () => {
    const host = holder();
    host.unbindable.add('192.0.2.7');
    host.assign(30, 2, [assigned('192.0.2.7')]);
    expect(host.said('applied').at(-1)).toMatchObject({ version: 2, held: [], refused: [{ reason: 'AddressInUse' }] });
  });
});

describe('what happens on the host', () => {
  it('adds a VIP again that somebody deleted, and announces it', () => {
    const host = holder();
    host.kernel.delete(v('192.0.2.1'));
    host.at(100, { kind: 'address-removed', address: assigned('192.0.2.1') });
    expect(host.holds()).toContain('192.0.2.1');
    expect(host.announced()).toEqual(['192.0.2.1']);
  });

  it('finds out what was deleted and left behind while events were lost', () => {
    const host = holder();
    const marked = (): AgentEvent => ({ kind: 'resync', marked: [...host.kernel.values()] });
    expect(host.at(100, marked()).announced()).toEqual([]);
    host.kernel.delete(v('192.0.2.1'));
    host.kernel.set(v('192.0.2.77'), { vip: v('192.0.2.77'), interface: 's0', prefixLength: 32 });
    host.at(200, marked());
    expect([...host.holds()].sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.announced()).toEqual(['192.0.2.1']);
  });

  it('adds all VIPs again that vanished at once', () => {
    const host = holder();
    host.kernel.clear();
    const gone = ['192.0.2.1', '192.0.2.2'].map((vip) => ({
      kind: 'address-removed' as const,
      address: assigned(vip),
    }));
    host.at(100, ...gone);
    expect(host.holds().sort()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('does not bring back a VIP that it no longer shall hold', () => {
    const host = holder().assign(30, 2, [assigned('192.0.2.2')]);
    host.at(100, { kind: 'address-removed', address: assigned('192.0.2.1') });
    expect(host.holds()).toEqual(['192.0.2.2']);
  });

  it('announces a VIP that moves to another interface', () => {
    const host = new Host().start().connect(0).at(0, { kind: 'tick' }).ack(10, ['c1', 'c2']);
    host.assign(20, 1, [assigned('192.0.2.1')]).assign(30, 2, [assigned('192.0.2.1', { interface: 's1' })]);
    expect(host.announced()).toEqual(['192.0.2.1']);
  });

  it('announces again when the carrier is back, and tells the controllers of both', () => {
    const link = { name: 's0', mac: '', addresses: [] };
    const host = holder().at(100, { kind: 'interfaces', interfaces: [{ ...link, carrier: false }] });
    expect(host.said('health')).toHaveLength(1);
    host.at(200, { kind: 'interfaces', interfaces: [{ ...link, carrier: true }] });
    expect(host.announced()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('E2 repeats announcements as often and as far apart as the pool says', () => {
    const host = holder();
    const times: number[] = [];
    for (let now = 20; now < 900; now += 10) host.at(now, { kind: 'tick' });
    for (let now = 900; now < 6_000; now += 10) {
      host.at(now, { kind: 'tick' }).effects.forEach((effect) => effect.kind === 'announce' && times.push(now));
      host.ack(now, ['c1', 'c2']);
    }
    expect(times).toEqual([1_120, 2_220]);
  });

  it('sends heartbeats at a fixed pace, and starts the pace anew after a long sleep', () => {
    const host = holder().at(230, { kind: 'tick' });
    expect(agentWakeAt(host.state)).toBe(400);
    host.at(5_000, { kind: 'tick' });
    expect(agentWakeAt(host.state)).toBe(5_200);
  });
});

describe('restart', () => {
  it('adopts its VIPs without a flap while the lease is valid', () => {
    const host = holder().start(500);
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.state.lease).toEqual(lease('life-0', 1));
    expect(host.effects.filter((effect) => effect.kind === 'change')).toEqual([
      { kind: 'change', remove: [], put: [] },
    ]);
    expect(host.connect(510).said('applied')[0]).toMatchObject({
      version: 1,
      held: [{ vip: '192.0.2.1' }, { vip: '192.0.2.2' }],
    });
    host.at(520, { kind: 'tick' }).ack(530, ['c1', 'c2']);
    expect(host.state.leaseUntil).toBe(1_520);
  });

  it('adds what is missing of the adopted assignment and removes what is not in it', () => {
    const host = holder();
    host.kernel = new Map([[v('192.0.2.9'), { vip: v('192.0.2.9'), interface: 's0', prefixLength: 32 }]]);
    expect(host.start(500).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it.each([
    ['the lease has ended', 1_000, {}],
    ['the host was rebooted', 500, { bootId: 'other' }],
    ['there is no memory', 500, undefined],
  ])('removes everything and starts a new life when %s', (_, now, over) => {
    const host = holder();
    host.memory = over && host.memory ? { ...host.memory, ...over } : undefined;
    host.start(now);
    expect(host.holds()).toEqual([]);
    expect(host.state.lease).toEqual(lease(`life-${now}`, 1));
  });

  it('lets everything go and says goodbye when it hands over', () => {
    const host = holder().at(100, { kind: 'stop', mode: 'handover' });
    expect(host.holds()).toEqual([]);
    expect(host.said('applied')[0]).toMatchObject({ held: [] });
    expect(host.said('goodbye')).toHaveLength(1);
    expect(host.memory?.leaseValidUntil).toBe(NEVER);
  });

  it('says no goodbye while a VIP of ours is still there: that would let others bind it', () => {
    const host = holder();
    host.unremovable.add('192.0.2.2');
    host.at(100, { kind: 'stop', mode: 'handover' });
    expect(host.said('applied')[0]).toMatchObject({ held: [{ vip: '192.0.2.2' }] });
    expect(host.said('goodbye')).toEqual([]);
    expect(host.memory?.leaseValidUntil).toBe(NEVER);
    expect(host.effects).toContainEqual(expect.objectContaining({ kind: 'log', level: 'error' }));
  });

  it('leaves everything to its successor when told to keep', () => {
    const host = holder().at(100, { kind: 'stop', mode: 'keep' });
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.effects).toEqual([]);
  });
});
