import { describe, expect, test } from '@jest/globals';
import { AgentHost, assigned, leasedHost } from '../../testing/agent-host.ts';
import { lease, n, term } from '../../testing/core-builders.ts';
import { controllerId, poolName } from '../ids.ts';
import type { HoldPool } from '../messages.ts';

const HOLDS: HoldPool = {
  name: poolName('holds'),
  members: ['node-1', 'node-b', 'node-c'].map((node) => ({ node: n(node), addresses: [`${node}:7481`] })),
};
const kept = { ...assigned('192.0.2.1'), pool: HOLDS.name };

/** Lease until 1000; one VIP of a pool that holds, one of a pool that releases. */
const undeclared = (): AgentHost => leasedHost().assign(20, 1, [kept, assigned('192.0.2.2')], { holdPools: [HOLDS] });

/** Lease until 1200: a majority has heard what may be held beyond it. */
const holding = (): AgentHost => undeclared().tick(200).ack(201, ['c1', 'c2']);

const asked = (host: AgentHost): number[] =>
  host.done('witness').flatMap(({ message }) => (message.kind === 'confirm-request' ? [message.sequence] : []));

/** Lets time pass until `until`; these peers confirm every question at once. */
function confirmedBy(host: AgentHost, until: number, ...peers: readonly string[]): AgentHost {
  for (let now = host.wakeAt(); now < until; now = host.wakeAt()) {
    host.tick(now);
    for (const { to, message } of host.done('witness')) {
      if (message.kind !== 'confirm-request' || !peers.includes(to)) continue;
      const answer = { ...message, kind: 'confirm-answer' as const, confirmed: true };
      host.at(now + 2, { kind: 'witness', from: to, message: answer });
    }
  }
  return host.tick(until);
}

describe('a pool that holds without a quorum', () => {
  test('asks its peers from half of the lease on', () => {
    const host = holding();
    expect(asked(host.tick(699))).toEqual([]);
    expect(asked(host.tick(700))).toEqual([700, 700]);
  });

  test('holds nothing beyond the lease before a majority knows that it may', () => {
    const host = confirmedBy(undeclared(), 1_000, 'node-b');
    expect(host.holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
  });

  test('lets go of what somebody else claims, and neither defends it nor reports it again', () => {
    const host = confirmedBy(holding(), 2_000, 'node-b');
    host.at(2_001, { kind: 'claimed', vip: kept.vip, interface: kept.interface, mac: '02:00:00:00:00:02' });
    expect(host.holds()).toEqual([]);
    expect(host.done('announce')).toEqual([]);
    const reports = host.done('send').flatMap(({ message }) => (message.kind === 'applied' ? [message.held] : []));
    expect(reports.every((held) => held.length === 0)).toBe(true);
  });

  test('lets go where a majority goes on refusing the lease', () => {
    const host = confirmedBy(holding(), 2_000, 'node-b');
    for (let now = 2_000; now < 2_950; now += 200) {
      confirmedBy(host, now, 'node-b').nack(now + 1, ['c1', 'c2']);
      expect(host.holds()).toEqual(['192.0.2.1']);
    }
    expect(confirmedBy(host, 3_100, 'node-b').holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
  });

  test('holds on while only a minority refuses the lease', () => {
    const host = confirmedBy(holding(), 2_000, 'node-b');
    for (let now = 2_000; now < 5_000; now += 200) confirmedBy(host, now, 'node-b').nack(now + 1, ['c1']);
    expect(host.holds()).toEqual(['192.0.2.1']);
  });

  test('keeps nothing that it had just put when it was held up past its lease', () => {
    const host = confirmedBy(holding(), 1_185, 'node-b');
    host.putTakesMs = 30;
    host.assign(1_190, 2, [kept, { ...assigned('192.0.2.9'), pool: HOLDS.name }], { holdPools: [HOLDS] });
    expect(host.holds()).toEqual(['192.0.2.1']);
    expect([...host.kernel.keys()]).toEqual(['192.0.2.1']);
  });

  test('lets go with the lease where no peer confirms', () => {
    const host = confirmedBy(holding(), 1_200);
    expect(host.holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
  });

  test('keeps what more than half of the pool confirms, under the same lease, and nothing else', () => {
    const host = confirmedBy(holding(), 5_000, 'node-b');
    expect(host.answersFor(5_000)).toEqual(['192.0.2.1']);
    expect(host.holds()).toEqual(['192.0.2.1']);
    expect(host.state.lease.epoch).toBe(1);
  });

  test('lets go a lease after the last question that was confirmed', () => {
    const host = confirmedBy(holding(), 3_000, 'node-b');
    const last = host.state.hold.confirmedAt.get(n('node-b')) ?? 0;
    expect(confirmedBy(host, last + 999).holds()).toEqual(['192.0.2.1']);
    expect(confirmedBy(host, last + 1_000).holds()).toEqual([]);
    expect(host.state.lease.epoch).toBe(2);
  });

  test('an answer that comes after the end revives nothing', () => {
    const host = confirmedBy(holding(), 1_150);
    const message = {
      kind: 'confirm-answer',
      node: host.config.node,
      lease: host.state.lease,
      confirmed: true,
    } as const;
    host.at(1_201, { kind: 'witness', from: n('node-b'), message: { ...message, sequence: 1_150 } });
    expect(host.holds()).toEqual([]);
  });

  test('takes no assignment without a lease, and none of before it when a majority acknowledges again', () => {
    const host = confirmedBy(holding(), 2_000, 'node-b');
    const more = [kept, assigned('192.0.2.3')];
    expect(host.assign(2_001, 2, more, { holdPools: [HOLDS] }).holds()).toEqual(['192.0.2.1']);
    host.ack(2_002, ['c1', 'c2']);
    expect(host.assign(2_003, 3, more, { holdPools: [HOLDS] }).holds()).toEqual(['192.0.2.1']);
    const { version } = host.state.assignment ?? { version: 0 };
    expect(host.assign(2_004, version + 1, more, { holdPools: [HOLDS] }).holds()).toEqual(['192.0.2.1', '192.0.2.3']);
  });
});

describe('a witness', () => {
  const from = n('node-b');
  const request = { node: from, lease: lease('life-of-node-b') };
  const ask = (host: AgentHost, now: number): boolean | undefined => {
    const message = { kind: 'confirm-request', ...request, sequence: now } as const;
    const [answer] = host.at(now, { kind: 'witness', from, message }).done('witness');
    return answer?.message.kind === 'confirm-answer' ? answer.message.confirmed : undefined;
  };
  const bar = (host: AgentHost, now: number, number: number, lift = false): number =>
    host
      .at(now, {
        kind: 'bar',
        controller: controllerId('c1'),
        request: { ...request, term: term(1), number, lift },
      })
      .said('barred').length;
  /** Past its silence. Leased by a heartbeat at `now`. */
  const leasedAt = (now: number): AgentHost => new AgentHost().start().connect(0).tick(now).ack(now, ['c1', 'c2']);

  test('neither confirms nor bars before what an earlier run may have promised has run out', () => {
    expect(ask(new AgentHost().start(), 1_200)).toBe(false);
    expect(ask(new AgentHost().start(), 1_300)).toBe(true);
    expect(bar(leasedAt(1_000), 1_200, 1)).toBe(0);
  });

  test('bars with a lease and confirms without one, never both', () => {
    for (const now of [5_000, 5_599, 5_600, 6_500]) {
      const host = leasedAt(5_000);
      expect([bar(host, now, 1), ask(leasedAt(5_000), now)]).toEqual(now < 5_600 ? [1, false] : [0, true]);
    }
  });

  test('never confirms what it barred, until the master takes that back', () => {
    const host = leasedAt(5_000);
    bar(host, 5_100, 1);
    expect(ask(host, 9_000)).toBe(false);
    bar(host, 9_100, 2, true);
    expect(ask(host, 9_200)).toBe(true);
    // What the master said before that, late.
    bar(host, 9_300, 1);
    expect(ask(host, 9_400)).toBe(true);
  });

  test('remembers what it barred over a restart with its lease', () => {
    const host = leasedAt(5_000);
    bar(host, 5_100, 1);
    expect(ask(host.start(5_200), 9_000)).toBe(false);
    expect(host.state.lease.incarnation).toBe('life-0');
  });

  test('bars only after its own confirmation has run out', () => {
    const host = leasedAt(5_000);
    expect(ask(host, 5_700)).toBe(true);
    host.tick(5_800).ack(5_801, ['c1', 'c2']);
    expect(bar(host, 5_810, 1)).toBe(0);
    host.tick(6_800).ack(6_801, ['c1', 'c2']);
    expect(bar(host, 6_809, 1)).toBe(0);
    expect(bar(host, 6_811, 1)).toBe(1);
  });
});
