import { describe, expect, it } from '@jest/globals';
import { AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { electorate, lease, term, v } from '../../testing/core-builders.ts';
import { controllerId } from '../ids.ts';
import type { NackReason } from '../messages.ts';
import { monotonic, NEVER } from '../time.ts';
import { hasLease } from './agent-state.ts';

const controllers = (count: number): AgentHost => new AgentHost({ controllers: electorate(count).members });

describe('D1 the fence', () => {
  it('is opened by the first majority, and refreshed by each newer one', () => {
    const host = new AgentHost().start().connect(0).tick(0).ack(10, ['c1', 'c2']);
    expect(host.done('fence')).toEqual([{ kind: 'fence', mode: 'acquire', fenceClass: 0, until: 1_000 }]);
    host.tick(200).ack(210, ['c1', 'c2']);
    expect(host.done('fence')).toEqual([{ kind: 'fence', mode: 'refresh', fenceClass: 0, until: 1_200 }]);
  });

  it('is left alone by an acknowledgement that adds nothing', () => {
    const host = leasedHost().ack(20, ['c3']);
    expect(host.done('fence')).toEqual([]);
  });

  it('is closed, first of all, when the lease ends', () => {
    const host = holdingHost().tick(1_000);
    expect(host.kinds().slice(0, 2)).toEqual(['fence-close', 'change']);
    expect(host.answersFor(1_000)).toEqual([]);
  });

  it('is opened anew after that, by the next epoch', () => {
    const host = holdingHost().tick(1_000).ack(1_010, ['c1', 'c2']);
    expect(host.done('fence')).toMatchObject([{ mode: 'acquire', until: 2_000 }]);
    expect(host.state.lease.epoch).toBe(2);
  });

  it('has every VIP before it is bound, and for as long as it is', () => {
    const host = leasedHost().assign(20, 1, [assigned('192.0.2.1')]);
    expect(host.kinds().indexOf('fence-manage')).toBeLessThan(host.kinds().indexOf('change'));
    expect([...host.state.managed]).toEqual([[v('192.0.2.1'), 0]]);
    host.assign(30, 2, [assigned('192.0.2.2')]);
    expect([...host.state.managed.keys()]).toEqual(['192.0.2.1', '192.0.2.2']);
    host.tick(200);
    expect([...host.state.managed.keys()]).toEqual(['192.0.2.2']);
  });

  it('ends the lease before its time where the kernel grants less', () => {
    const host = new AgentHost();
    host.fenceShortMs = 40;
    leasedHost(host);
    expect([hasLease(host.state, monotonic(959)), hasLease(host.state, monotonic(960))]).toEqual([true, false]);
  });

  it('that the kernel does not open gives no lease: nothing is bound', () => {
    const host = new AgentHost();
    host.fenceShortMs = Number.POSITIVE_INFINITY;
    leasedHost(host).assign(20, 1, [assigned('192.0.2.1')]);
    expect(host.holds()).toEqual([]);
  });

  it('that the kernel has closed ends the lease, although acknowledgements come', () => {
    const host = holdingHost().at(300, { kind: 'fence-lost', fenceClass: 0 });
    expect(host.holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
    expect(host.said('applied')).toMatchObject([{ lease: { epoch: 2 }, held: [] }]);
  });

  it('that is lost without a lease means nothing', () => {
    const host = new AgentHost().start().connect(0).at(10, { kind: 'fence-lost', fenceClass: 0 });
    expect([host.effects, host.state.lease.epoch]).toEqual([[], 1]);
  });
});

describe('a restart', () => {
  it('adopts the VIPs only while the fence is open: closed, the lease of before is over', () => {
    const host = holdingHost();
    host.openUntil = 0;
    host.start(500);
    expect(host.holds()).toEqual([]);
    expect(host.kinds()[0]).toBe('fence-close');
    expect(host.state.lease).toEqual(lease('life-500', 1));
  });

  it('does not ask a kernel without a fence', () => {
    const host = holdingHost();
    host.fence = { active: false, message: 'no egress hook' };
    host.openUntil = 0;
    expect(host.start(500).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('never closes the fence of a lease that goes on, and refreshes it with the next majority', () => {
    const host = holdingHost().start(500);
    expect(host.done('fence-close')).toEqual([]);
    host.connect(510).tick(510).ack(520, ['c1', 'c2']);
    expect(host.done('fence')).toMatchObject([{ mode: 'refresh', until: 1_510 }]);
  });

  it('fences what is left of the run before until it is gone', () => {
    const host = new AgentHost();
    host.kernel.set(v('192.0.2.9'), { vip: v('192.0.2.9'), interface: 's0', prefixLength: 32 });
    host.unremovable.add('192.0.2.9');
    host.start(0);
    expect([...host.state.managed.keys()]).toEqual(['192.0.2.9']);
    expect(host.kinds().indexOf('fence-manage')).toBeLessThan(host.kinds().indexOf('change'));
  });
});

describe('the majority', () => {
  it.each([
    [1, ['c1']],
    [3, ['c2', 'c3']],
    [5, ['c1', 'c3', 'c5']],
  ])('of %s controllers makes a lease', (count, who) => {
    const host = controllers(count).start().connect(0).tick(0);
    host.ack(10, who.slice(1));
    expect(hasLease(host.state, monotonic(10))).toBe(false);
    host.ack(11, who);
    expect(host.state.leaseUntil).toBe(1_000);
  });

  it('of two controllers is one: only the one that holds the lock acknowledges', () => {
    const host = controllers(2).start().connect(0).tick(0).ack(10, ['c2']);
    expect(hasLease(host.state, monotonic(10))).toBe(true);
  });

  it('counts the older one of two rounds where the newer one was acknowledged by one controller alone', () => {
    const host = leasedHost().tick(200).ack(210, ['c1']).ack(220, ['c3'], 1);
    expect(host.state.leaseUntil).toBe(1_000);
  });
});

describe('a new master', () => {
  const beaten = { sequence: 1, highestTerm: term(7) };

  it('is told at once that its term is known, with the beat of before, and once', () => {
    const host = holdingHost();
    const config = { term: term(7) };
    expect(host.configure(150, 1, [], config).said('heartbeat')).toMatchObject([beaten]);
    expect(host.configure(160, 2, [], config).said('heartbeat')).toEqual([]);
    expect(host.ack(170, ['c2'], 1, term(7)).said('heartbeat')).toEqual([]);
  });

  it('is told so whoever its term is learnt from, and nobody else is', () => {
    expect(holdingHost().ack(150, ['c2'], 1, term(7)).done('send')).toMatchObject([
      { controller: 'c1', message: { kind: 'heartbeat', ...beaten } },
    ]);
    expect(holdingHost().ack(150, ['c2'], 1, term(7, 'c9')).said('heartbeat')).toEqual([]);
  });
});

describe('a heartbeat that is refused', () => {
  const nack = (reason: NackReason, known = term(7, 'c2')) =>
    ({ kind: 'nack', controller: controllerId('c1'), sequence: 1, term: known, reason }) as const;

  it.each(['Revoked', 'Abstaining', 'Standby', 'OtherElectorate'] as const)(
    'by one controller (%s) ends nothing: two others are a majority',
    (reason) => {
      const host = holdingHost().tick(200).at(210, nack(reason)).ack(220, ['c2', 'c3']);
      expect(host.holds()).toEqual(['192.0.2.1', '192.0.2.2']);
      expect(host.state.leaseUntil).toBe(1_200);
    },
  );

  it('A6 tells the term as well: what is lower is refused from then on', () => {
    const host = holdingHost().at(100, nack('Revoked'));
    expect(host.assign(110, 2, []).holds()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(host.tick(200).said('heartbeat')).toMatchObject([{ highestTerm: term(7, 'c2') }]);
    expect(host.assign(210, 1, [], { term: term(7, 'c2') }).holds()).toEqual([]);
  });

  it('of an epoch that never was a lease makes way for the next one, once for each heartbeat', () => {
    const host = new AgentHost().start().connect(0).tick(0).at(10, nack('Revoked'), nack('Revoked'));
    expect(host.state.lease).toEqual(lease('life-0', 2));
    expect(host.memory?.lease).toEqual(lease('life-0', 2));
    expect(host.said('applied')).toMatchObject([{ lease: { epoch: 2 }, held: [] }]);
  });

  it.each(['Abstaining', 'Standby', 'OtherElectorate'] as const)('as %s moves no epoch', (reason) => {
    expect(new AgentHost().start().connect(0).tick(0).at(10, nack(reason)).state.lease.epoch).toBe(1);
  });

  it('never lowers the term that is known', () => {
    const host = holdingHost().at(100, nack('Revoked'), nack('Revoked', term(3)));
    expect(host.state.highestTerm).toEqual(term(7, 'c2'));
  });
});

it('what is remembered of a lease that ended cannot be adopted', () => {
  const host = holdingHost().tick(1_000);
  expect(host.memory).toMatchObject({ leaseValidUntil: NEVER, assignment: undefined, lease: { epoch: 2 } });
});
