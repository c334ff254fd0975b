import { describe, expect, it } from '@jest/globals';
import { AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { lease, n, term, v } from '../../testing/core-builders.ts';
import { controllerId } from '../ids.ts';
import type { Assignment } from '../messages.ts';
import type { AgentEvent } from './agent-state.ts';

describe('A6 assignments', () => {
  it('are carried out and reported with their term and version', () => {
    const host = holdingHost();
    expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.announced()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.said('applied').at(-1)).toMatchObject({
      term: term(1),
      version: 1,
      held: [{ vip: '192.0.2.1' }, { vip: '192.0.2.2' }],
    });
  });

  it('are persisted before they are carried out', () => {
    const kinds = holdingHost().effects.map((effect) => effect.kind);
    expect(kinds.indexOf('save')).toBeLessThan(kinds.indexOf('change'));
  });

  it('remove what is no longer in the set and leave the rest untouched', () => {
    const host = holdingHost().assign(30, 2, [assigned('192.0.2.2'), assigned('192.0.2.3')]);
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
    const host = holdingHost();
    if (title.includes('told of'))
      host.at(25, { kind: 'ack', controller: controllerId('c2'), sequence: 1, term: term(3), electorate: 1 });
    expect(host.assign(30, 2, [], over).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('of another master of the same number are told apart', () => {
    const host = holdingHost();
    const rival = { number: 1, instance: { ...term(1).instance, priority: 1 } };
    host.assign(30, 1, [], { term: rival });
    expect(host.holds()).toEqual([]);
    expect(host.assign(40, 9, [assigned('192.0.2.1')]).holds()).toEqual([]);
  });

  it('are refused without a lease', () => {
    const host = new AgentHost().start().connect(0).tick(0);
    expect(host.assign(10, 1, [assigned('192.0.2.1')]).holds()).toEqual([]);
  });

  it('bind only what this host may: the rest is reported with what to change', () => {
    const host = holdingHost().assign(30, 2, [
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
    const host = holdingHost();
    host.unbindable.add('192.0.2.7');
    host.assign(30, 2, [assigned('192.0.2.7')]);
    expect(host.said('applied').at(-1)).toMatchObject({ version: 2, held: [], refused: [{ reason: 'AddressInUse' }] });
    expect(host.done('log')).toMatchObject([{ message: 'VIP not bound', fields: { pool: 'nas', vip: '192.0.2.7' } }]);
  });
});

describe('what happens on the host', () => {
  it('adds a VIP again that somebody deleted, and announces it', () => {
    const host = holdingHost();
    host.kernel.delete(v('192.0.2.1'));
    host.at(100, { kind: 'address-removed', address: assigned('192.0.2.1') });
    expect(host.holds()).toContain('192.0.2.1');
    expect(host.announced()).toEqual(['192.0.2.1']);
    expect(host.done('log')).toMatchObject([{ level: 'warn', fields: { pool: 'nas', vip: '192.0.2.1' } }]);
  });

  it('finds out what was deleted and left behind while events were lost', () => {
    const host = holdingHost();
    const marked = (): AgentEvent => ({ kind: 'resync', marked: [...host.kernel.values()] });
    expect(host.at(100, marked()).announced()).toEqual([]);
    host.kernel.delete(v('192.0.2.1'));
    host.kernel.set(v('192.0.2.77'), { vip: v('192.0.2.77'), interface: 's0', prefixLength: 32 });
    host.at(200, marked());
    expect([...host.holds()].sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.announced()).toEqual(['192.0.2.1']);
  });

  it('adds all VIPs again that vanished at once', () => {
    const host = holdingHost();
    host.kernel.clear();
    const gone = ['192.0.2.1', '192.0.2.2'].map((vip) => ({
      kind: 'address-removed' as const,
      address: assigned(vip),
    }));
    host.at(100, ...gone);
    expect(host.holds().sort()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('does not bring back a VIP that it no longer shall hold', () => {
    const host = holdingHost().assign(30, 2, [assigned('192.0.2.2')]);
    host.at(100, { kind: 'address-removed', address: assigned('192.0.2.1') });
    expect(host.holds()).toEqual(['192.0.2.2']);
  });

  it('announces a VIP that moves to another interface', () => {
    const host = new AgentHost().start().connect(0).tick(0).ack(10, ['c1', 'c2']);
    host.assign(20, 1, [assigned('192.0.2.1')]).assign(30, 2, [assigned('192.0.2.1', { interface: 's1' })]);
    expect(host.announced()).toEqual(['192.0.2.1']);
  });

  it('announces again when the carrier is back, and tells the controllers of both', () => {
    const link = { name: 's0', mac: '', addresses: [] };
    const host = holdingHost().at(100, { kind: 'interfaces', interfaces: [{ ...link, carrier: false }] });
    expect(host.said('health')).toHaveLength(1);
    host.at(200, { kind: 'interfaces', interfaces: [{ ...link, carrier: true }] });
    expect(host.announced()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('E2 repeats announcements as often and as far apart as the pool says', () => {
    const host = holdingHost();
    const times: number[] = [];
    for (let now = 20; now < 900; now += 10) host.tick(now);
    for (let now = 900; now < 6_000; now += 10) {
      host.tick(now).effects.forEach((effect) => effect.kind === 'announce' && times.push(now));
      host.ack(now, ['c1', 'c2']);
    }
    expect(times).toEqual([1_120, 2_220]);
  });

  it('sends heartbeats at a fixed pace, and starts the pace anew after a long sleep', () => {
    const host = leasedHost().tick(230);
    expect(host.wakeAt()).toBe(400);
    host.tick(5_000);
    expect(host.wakeAt()).toBe(5_200);
  });
});
