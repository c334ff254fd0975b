import { describe, expect, it } from '@jest/globals';
import { AgentHost, assigned, holdingHost, leasedHost } from '../../testing/agent-host.ts';
import { check, link, term } from '../../testing/core-builders.ts';
import { poolName } from '../ids.ts';
import { healthWakeAt } from './health-news.ts';

const NFS = check('nfs');
const NIC = check('nic', { probe: { type: 'interface', interface: '' } });
const up = { kind: 'interfaces', interfaces: [link()] } as const;
const down = { kind: 'interfaces', interfaces: [link({ carrier: false })] } as const;

describe('a configuration', () => {
  it('makes its checks known as pending, and has them run', () => {
    const host = leasedHost().configure(100, 1, [NFS]);
    expect(host.done('set-checks')).toEqual([{ kind: 'set-checks', checks: [NFS] }]);
    expect(host.said('health')[0]).toMatchObject({
      checks: [{ pool: 'nas', name: 'nfs', state: 'Pending', sinceMs: 0, repairing: false }],
    });
  });

  it('tells the runner first what is held', () => {
    const host = holdingHost().configure(100, 1, [NFS]);
    expect(host.kinds().filter((kind) => kind.startsWith('set-'))).toEqual(['set-held', 'set-checks']);
    expect(host.done('set-held')[0]?.held).toEqual(new Map([['nas', ['192.0.2.1', '192.0.2.2']]]));
  });

  it('is obeyed when it is newer, by term and then by version', () => {
    const host = leasedHost().configure(100, 5, [NFS]);
    for (const [of, version] of [
      [1, 5],
      [1, 4],
    ] as const) {
      host.configure(200, version, [], { term: term(of) });
      expect(host.done('set-checks')).toEqual([]);
    }
    expect(host.configure(300, 6, []).done('set-checks')).toHaveLength(1);
    expect(host.configure(300, 1, [NFS], { term: term(2) }).done('set-checks')).toHaveLength(1);
    expect(host.configure(300, 9, []).done('set-checks')).toEqual([]);
  });

  it('of a reign that is over is refused, also by an agent that has none', () => {
    const host = leasedHost();
    host.ack(150, ['c1'], 1, term(7));
    expect(host.configure(200, 1, [NFS]).done('set-checks')).toEqual([]);
    expect(host.configure(200, 1, [NFS], { term: term(7) }).done('set-checks')).toHaveLength(1);
  });

  it('leaves what has not changed as it was', () => {
    const host = leasedHost()
      .configure(100, 1, [NFS, check('smb')])
      .ran(200, 'nfs', true)
      .ran(200, 'smb', true);
    const other = check('smb', { probe: { type: 'smb', host: 'other', port: 445 } });
    host.configure(5_000, 2, [check('nfs'), other]);
    expect(host.said('health')[0]?.checks).toMatchObject([
      { name: 'nfs', state: 'Passing', sinceMs: 4_800 },
      { name: 'smb', state: 'Pending', sinceMs: 0 },
    ]);
    expect(host.configure(6_000, 3, []).said('health')[0]?.checks).toEqual([]);
    expect(host.ran(6_100, 'nfs', false, { certain: true }).effects).toEqual([]);
  });

  it('outlives the lease and the controllers, and not the agent', () => {
    const host = leasedHost().configure(100, 1, [NFS]).ran(200, 'nfs', true).tick(1_100);
    expect(host.state.lease.epoch).toBe(2);
    host.at(1_200, ...host.config.controllers.map(({ id }) => ({ kind: 'disconnected' as const, controller: id })));
    expect(host.verdict('nfs')).toBe('Passing');
    host.start(1_300);
    expect(host.state.health.checks.size).toBe(0);
    expect(host.configure(1_400, 1, [NFS]).verdict('nfs')).toBe('Pending');
  });

  it('sets the level of the log where it changes it', () => {
    const host = leasedHost().configure(100, 1, []);
    expect(host.done('log-level')).toEqual([]);
    expect(host.configure(200, 2, [], { logLevel: 'debug' }).done('log-level')).toMatchObject([{ level: 'debug' }]);
    expect(host.configure(300, 3, [NFS], { logLevel: 'debug' }).done('log-level')).toEqual([]);
    expect(host.configure(400, 4, []).done('log-level')).toEqual([{ kind: 'log-level', level: undefined }]);
  });
});

describe('a verdict', () => {
  it('is told to every controller when it changes, and not before', () => {
    const host = leasedHost().configure(100, 1, [NFS]).ran(200, 'nfs', true);
    expect(host.done('send').map(({ message }) => message.kind)).toEqual(['health', 'health', 'health']);
    expect(host.ran(2_200, 'nfs', false).said('health')).toEqual([]);
    const [report] = host.ran(4_200, 'nfs', false, { output: 'refused' }).said('health');
    expect(report?.checks).toMatchObject([{ state: 'Failing', output: 'refused', sinceMs: 0 }]);
    expect(host.ran(6_200, 'nfs', true).said('health')).toEqual([]);
    expect(host.ran(8_200, 'nfs', true).said('health')[0]?.checks).toMatchObject([{ state: 'Passing' }]);
  });

  it('is told with a number of its own, and to a new controller with the time since then', () => {
    const host = leasedHost().configure(100, 1, [NFS]);
    const first = host.said('health')[0]?.number ?? 0;
    expect(host.ran(200, 'nfs', true).said('health')[0]?.number).toBe(first + 1);
    const [c1] = host.config.controllers;
    if (!c1) throw new Error('no controller');
    const [report] = host.at(700, { kind: 'connected', controller: c1.id }).said('health');
    expect(report).toMatchObject({ number: first + 1, checks: [{ sinceMs: 500 }] });
  });

  it('that follows another one within 20 ms is told together with the others, when these are over', () => {
    const host = leasedHost().configure(100, 1, [NFS, check('smb'), check('db')]);
    expect(host.ran(200, 'nfs', true).said('health')).toHaveLength(1);
    expect(host.ran(205, 'smb', true).said('health')).toEqual([]);
    expect(host.ran(210, 'db', true).said('health')).toEqual([]);
    expect(healthWakeAt(host.state)).toBe(220);
    expect(host.tick(220).said('health')[0]?.checks).toMatchObject([{}, { state: 'Passing' }, { state: 'Passing' }]);
  });

  it('that stays is told again for its output alone once in 10 s', () => {
    const host = leasedHost().configure(100, 1, [NFS]).ran(200, 'nfs', true, { output: '1 ms' });
    expect(host.ran(2_200, 'nfs', true, { output: '2 ms' }).said('health')).toEqual([]);
    expect(host.ran(9_000, 'nfs', true, { output: '3 ms' }).said('health')).toEqual([]);
    expect(host.ran(10_200, 'nfs', true, { output: '3 ms' }).said('health')[0]?.checks).toMatchObject([
      { output: '3 ms' },
    ]);
    expect(host.ran(50_000, 'nfs', true, { output: '3 ms' }).said('health')).toEqual([]);
  });

  it('is given up when nothing is heard, by the clock', () => {
    const host = new AgentHost().start().configure(100, 1, [NFS]).ran(200, 'nfs', true);
    // 2 intervals of 2 s, 1 s for the last run, 2 s of margin
    const staleAt = 200 + 7_000;
    for (let now = 400; now <= staleAt; now += 200) if (now < staleAt) host.tick(now);
    expect(host.verdict('nfs')).toBe('Passing');
    expect(host.wakeAt()).toBe(staleAt);
    expect(host.tick(staleAt).verdict('nfs')).toBe('Unknown');
    expect(host.done('log')).toContainEqual(expect.objectContaining({ level: 'warn' }));
  });
});

describe('the role of the node', () => {
  const HOLDER = check('exports', { role: 'Holder' });
  const STANDBY = check('ready', { role: 'Standby' });

  it('begins and ends with what is bound, pool by pool', () => {
    const host = leasedHost().configure(15, 1, [HOLDER, STANDBY]);
    expect([host.verdict('exports'), host.verdict('ready')]).toEqual(['Idle', 'Pending']);
    host.assign(20, 1, [assigned('192.0.2.1')]);
    expect([host.verdict('exports'), host.verdict('ready')]).toEqual(['Pending', 'Idle']);
    expect(host.done('set-held')).toEqual([{ kind: 'set-held', held: new Map([['nas', ['192.0.2.1']]]) }]);
    host.assign(30, 2, [assigned('192.0.2.1'), assigned('192.0.2.2', { pool: poolName('db') })]);
    expect(host.done('set-held')[0]?.held.get(poolName('db'))).toEqual(['192.0.2.2']);
    host.assign(40, 3, []);
    expect(host.done('set-held')).toEqual([{ kind: 'set-held', held: new Map() }]);
    expect([host.verdict('exports'), host.verdict('ready')]).toEqual(['Idle', 'Pending']);
  });

  it('does not change when an address is refreshed', () => {
    const host = holdingHost().configure(30, 1, [HOLDER]);
    const { refreshAt } = host.keepLease(9_900).state;
    expect(host.tick(refreshAt).done('change')).not.toEqual([]);
    expect(host.done('set-held')).toEqual([]);
  });
});

describe('a check of an interface', () => {
  it('follows the link without runs', () => {
    const host = leasedHost().at(20, up).configure(30, 1, [NIC]);
    expect(host.verdict('nic')).toBe('Passing');
    const [report] = host.at(100, down).said('health');
    expect(report).toMatchObject({
      interfaces: [{ carrier: false }],
      checks: [{ state: 'Failing', output: 's0 has no carrier' }],
      service: { reachable: false, message: 'no carrier on s0' },
    });
    expect(host.at(200, up).said('health')[0]?.checks).toMatchObject([{ state: 'Passing' }]);
  });

  it('looks where the VIPs of its pool were last', () => {
    const s1 = link({ name: 's1', addresses: ['192.0.2.9/24'] });
    const host = leasedHost()
      .at(15, { kind: 'interfaces', interfaces: [link(), s1] })
      .assign(20, 1, [assigned('192.0.2.1')])
      .configure(30, 1, [NIC]);
    host.at(40, { kind: 'interfaces', interfaces: [link({ carrier: false }), s1] });
    expect(host.verdict('nic')).toBe('Failing');
    expect(host.assign(50, 2, []).verdict('nic')).toBe('Failing');
    expect(host.assign(60, 3, [assigned('192.0.2.1', { interface: 's1' })]).verdict('nic')).toBe('Passing');
  });

  it('looks where they would be, while the host holds none of them', () => {
    const serviceInterfaces = new Map([[poolName('nas'), ['s0']]]);
    const s1 = link({ name: 's1', addresses: ['192.0.2.9/24'] });
    const host = leasedHost()
      .at(15, { kind: 'interfaces', interfaces: [link({ carrier: false }), s1] })
      .configure(30, 1, [NIC], { serviceInterfaces });
    expect(host.verdict('nic')).toBe('Failing');
    expect(host.assign(40, 1, [assigned('192.0.2.1', { interface: 's1' })]).verdict('nic')).toBe('Passing');
    expect(host.assign(50, 2, []).verdict('nic')).toBe('Failing');
    host.configure(60, 2, [NIC], { serviceInterfaces: new Map([[poolName('nas'), ['s1']]]) });
    expect(host.verdict('nic')).toBe('Passing');
  });

  it('goes on looking where they would have been when the master knows no place for them any more', () => {
    const s1 = link({ name: 's1', addresses: ['192.0.2.9/24'] });
    const host = leasedHost()
      .at(15, { kind: 'interfaces', interfaces: [link(), s1] })
      .configure(30, 1, [NIC], { serviceInterfaces: new Map([[poolName('nas'), ['s0']]]) });
    host.at(40, { kind: 'interfaces', interfaces: [link({ addresses: [] }), s1] });
    expect(host.configure(50, 2, [NIC]).verdict('nic')).toBe('Failing');
  });
});
