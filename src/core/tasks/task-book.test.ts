import { describe, expect, test } from '@jest/globals';
import { applied as report, link, n, v, vips } from '../../testing/core-builders.ts';
import { START_MS, TaskLab } from '../../testing/task-lab.ts';
import type { NodeEntry } from '../node-table.ts';
import { NO_RULES } from '../placement/rules.ts';
import type { Pool } from '../pool.ts';
import { monotonic } from '../time.ts';
import { isFinished } from './task-book.ts';

const [VIP = ''] = vips(1);
const another = (lab: TaskLab, vip = VIP): string =>
  ['node-1', 'node-2', 'node-3'].find((node) => node !== lab.record.get(vip)?.node) ?? '';
const move = (lab: TaskLab, node = another(lab)): unknown => ({ action: 'Move', address: VIP, node });

describe('Move', () => {
  test('sends the VIP there and nothing else anywhere, and is over when the record says so', () => {
    const lab = new TaskLab();
    const before = lab.everywhere();
    const [from, to] = [before[VIP], another(lab)];
    lab.create('t', move(lab));
    lab.run(1);
    expect(lab.status('t')).toMatchObject({ phase: 'Running', results: [{ address: VIP, from, to, reason: 'Moved' }] });
    lab.run();
    expect(lab.everywhere()).toEqual({ ...before, [VIP]: `${to} (home ${to}, usually ${from})` });
    expect(lab.record.get(VIP)?.reason).toBe('Moved');
    expect(lab.status('t')).toMatchObject({ phase: 'Succeeded', message: `moved ${VIP} from ${from} to ${to}` });
    lab.run(50);
    expect(lab.where(VIP)).toBe(`${to} (home ${to}, usually ${from})`);
  });

  test.each(['Manual', 'Never'] as const)('works whatever the failback policy says: %s', (policy) => {
    const lab = new TaskLab({ failback: { policy, delayMs: 30_000 } });
    const [from, to] = [lab.where(VIP), another(lab)];
    lab.create('t', move(lab));
    lab.run();
    expect(lab.status('t')?.phase).toBe('Succeeded');
    lab.create('back', { action: 'Failback', address: VIP });
    lab.run();
    expect([lab.status('back')?.phase, lab.where(VIP)]).toEqual(['Succeeded', from]);
    expect(from).not.toBe(to);
  });

  test('a failover and a change of master keep the new home, a failback gives the old one back', () => {
    const lab = new TaskLab();
    const [from, to] = [lab.where(VIP), another(lab)];
    lab.create('t', move(lab));
    lab.run();
    lab.change(to, { gone: 'lease-ended' });
    lab.run();
    expect(lab.record.get(VIP)?.node).not.toBe(to);
    lab.newMaster();
    lab.change(to, { gone: 'no', applied: report(to) });
    lab.run();
    expect(lab.where(VIP)).toBe(`${to} (home ${to}, usually ${from})`);
    lab.create('back', { action: 'Failback' });
    lab.run();
    expect([lab.status('back')?.phase, lab.where(VIP)]).toEqual(['Succeeded', from]);
  });

  test('of a VIP that leaves its pool meanwhile fails soon, and says so', () => {
    const lab = new TaskLab();
    lab.isDeaf = true;
    lab.create('t', move(lab));
    lab.run(3);
    lab.isDeaf = false;
    lab.pools = lab.pools.map((own) => ({ ...own, vips: own.vips.slice(1) }));
    lab.run(20, 500);
    expect(lab.status('t')).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining(`${VIP} is an address of no`),
    });
  });

  test('of a VIP that has no home is known to the next master, and a failback ends it', () => {
    const [one = '', ...rest] = vips(6);
    const groups = [{ name: 'trio', members: rest.slice(2), policy: 'Together' as const }];
    const lab = new TaskLab({ placement: { ...NO_RULES, maxPerNode: 3, groups } });
    const [homeless = ''] = rest.slice(2);
    const to = lab.where(one);
    lab.create('away', { action: 'Move', address: one, node: another(lab, one) });
    lab.run();
    lab.create('t', { action: 'Move', address: homeless, node: to });
    lab.run();
    expect([lab.status('t')?.phase, lab.record.get(homeless)]).toMatchObject([
      'Succeeded',
      { home: to, usualHome: '' },
    ]);
    lab.newMaster();
    lab.run();
    expect(lab.record.get(homeless)).toMatchObject({ node: to, home: to, usualHome: '' });
    lab.create('back', { action: 'Failback', address: homeless });
    lab.run();
    expect(lab.record.get(homeless)).not.toHaveProperty('usualHome');
  });

  test('another home in the manifest ends it', () => {
    const lab = new TaskLab();
    const [from, to] = [lab.where(VIP), another(lab)];
    lab.create('t', move(lab));
    lab.run();
    lab.pools = lab.pools.map((item) => ({ ...item, homes: new Map([[v(VIP), n(from)]]) }));
    lab.run();
    expect(lab.where(VIP)).toBe(`${to} (home ${to}, usually ${from})`);
    const third = ['node-1', 'node-2', 'node-3'].find((node) => node !== from && node !== to) ?? '';
    lab.pools = lab.pools.map((item) => ({ ...item, homes: new Map([[v(VIP), n(third)]]) }));
    lab.run();
    expect(lab.where(VIP)).toBe(third);
  });

  test('is taken up by the next master where it was begun', () => {
    const lab = new TaskLab();
    lab.create('t', move(lab));
    const to = another(lab);
    lab.run(1);
    const begun = lab.status('t');
    lab.newMaster();
    lab.run();
    expect(lab.status('t')).toMatchObject({ phase: 'Succeeded', startedAt: begun?.startedAt });
    expect(lab.record.get(VIP)).toMatchObject({ node: to, home: to });
  });

  test('nothing moves before the record says that it is running', () => {
    const lab = new TaskLab();
    const [before, to] = [lab.everywhere(), another(lab)];
    lab.isUnwritable = true;
    lab.create('t', move(lab));
    lab.run(20);
    expect(lab.everywhere()).toEqual(before);
    // Its successor finds the target dead: it leaves everything as it was.
    lab.newMaster();
    lab.change(to, { gone: 'lease-ended' });
    lab.isUnwritable = false;
    lab.run();
    expect(lab.status('t')?.phase).toBe('Failed');
    lab.change(to, { gone: 'no', applied: report(to) });
    lab.run();
    expect(lab.everywhere()).toEqual(before);
  });

  test('its failure is recorded after the homes that it gives back', () => {
    const lab = new TaskLab();
    const from = lab.where(VIP);
    lab.isDeaf = true;
    lab.create('t', move(lab));
    lab.run(3);
    lab.isForgetful = true;
    lab.run(70, 1_000);
    expect(lab.status('t')?.phase).toBe('Running');
    lab.isForgetful = false;
    lab.run(2);
    expect([lab.status('t')?.phase, lab.where(VIP)]).toEqual(['Failed', from]);
  });

  test('what is finished is not done again', () => {
    const lab = new TaskLab();
    lab.create('t', move(lab));
    lab.run();
    const finished = lab.status('t');
    lab.create('back', { action: 'Failback' });
    lab.run();
    lab.newMaster();
    const before = lab.everywhere();
    lab.run(20);
    expect(lab.everywhere()).toEqual(before);
    expect(lab.status('t')).toEqual(finished);
  });

  test('a dry run only tells', () => {
    const lab = new TaskLab();
    const [before, to] = [lab.everywhere(), another(lab)];
    lab.create('t', { ...(move(lab) as object), dryRun: true });
    lab.run();
    expect(lab.status('t')).toMatchObject({
      phase: 'Succeeded',
      message: `would move ${VIP} from ${before[VIP]} to ${to}`,
    });
    expect(lab.everywhere()).toEqual(before);
  });

  test('a group that stays together goes together', () => {
    const [a, b] = vips(2);
    const groups = [{ name: 'pair', members: vips(2), policy: 'Together' as const }];
    const lab = new TaskLab({ placement: { ...NO_RULES, groups } });
    const to = another(lab);
    lab.create('t', move(lab));
    lab.run();
    expect(lab.status('t')?.results?.map(({ address }) => address)).toEqual([a, b]);
    expect([a, b].map((vip) => lab.record.get(vip ?? '')?.node)).toEqual([to, to]);
  });

  test('two tasks about one VIP are done one after the other', () => {
    const lab = new TaskLab();
    const from = lab.where(VIP);
    lab.create('there', move(lab));
    lab.create('back', { action: 'Failback', address: VIP });
    lab.run(1);
    expect([lab.status('there')?.phase, lab.status('back')]).toEqual(['Running', undefined]);
    lab.run(12);
    expect([lab.status('there')?.phase, lab.status('back')?.phase]).toEqual(['Succeeded', 'Succeeded']);
    expect(lab.where(VIP)).toBe(from);
  });

  test('a task that waits is not overtaken by a later one about the same VIP', () => {
    const lab = new TaskLab();
    const [, other = ''] = vips(2);
    const to = another(lab);
    lab.create('first', { action: 'Move', address: other, node: another(lab, other) });
    lab.create('waits', { action: 'Failback' });
    lab.create('later', move(lab, to));
    lab.run(1);
    expect(['first', 'waits', 'later'].map((name) => lab.status(name)?.phase)).toEqual([
      'Running',
      undefined,
      undefined,
    ]);
    lab.run(30);
    expect([lab.record.get(other)?.usualHome, lab.record.get(VIP)?.home]).toEqual([undefined, to]);
  });

  test('the node is lost on the way: it fails with the reason, and the VIP stays at home', () => {
    const lab = new TaskLab();
    const [from, to] = [lab.where(VIP), another(lab)];
    lab.create('t', move(lab));
    lab.run(1);
    lab.change(to, { gone: 'lease-ended' });
    lab.run(10, 1_000);
    expect(lab.status('t')).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining(`${to} does not answer`),
    });
    lab.change(to, { gone: 'no', applied: report(to) });
    lab.run();
    expect(lab.where(VIP)).toBe(from);
  });

  test('a holder that never lets go: it fails when its time is over', () => {
    const lab = new TaskLab();
    const from = lab.where(VIP);
    lab.create('t', move(lab));
    lab.isDeaf = true;
    lab.run(70, 1_000);
    expect(lab.status('t')).toMatchObject({ phase: 'Failed', message: expect.stringContaining('longer than 1m') });
    lab.isDeaf = false;
    lab.run();
    expect(lab.where(VIP)).toBe(from);
  });
});

describe('what is impossible says why', () => {
  const failure = (lab: TaskLab, spec: unknown): string => {
    const before = lab.everywhere();
    lab.create('t', spec);
    lab.run();
    expect(lab.everywhere()).toEqual(before);
    expect(lab.status('t')?.phase).toBe('Failed');
    return lab.status('t')?.message ?? '';
  };
  const refusal = (over: Partial<NodeEntry>, poolOver: Partial<Pool> = {}): string => {
    const lab = new TaskLab(poolOver);
    const to = another(lab);
    // What it holds itself is not at stake here.
    lab.pools = lab.pools.map((item) => ({ ...item, vips: [v(VIP)] }));
    lab.run();
    lab.change(to, over);
    lab.run();
    return failure(lab, move(lab, to)).replaceAll(to, 'NODE');
  };

  test.each([
    [{ interfaces: [link({ carrier: false })] }, {}, 'NODE has no carrier on s0: plug it in, or choose another node'],
    [{ interfaces: [] }, {}, 'NODE has no interface s0: configure one, or choose another node'],
    [{ gone: 'lease-ended' }, {}, 'NODE does not answer: see to its host and its agent, or choose another node'],
    [{ gone: 'said-goodbye' }, {}, 'the agent of NODE was stopped: start it, or choose another node'],
  ] as const)('%j %j', (over, poolOver, message) => {
    expect(refusal(over, poolOver)).toContain(message);
  });

  test('limits and groups', () => {
    const limited = new TaskLab({ placement: { ...NO_RULES, maxPerNode: 2 } });
    expect(failure(limited, move(limited))).toContain('as many VIPs of pool nas as maxPerNode allows');
    const groups = [{ name: 'apart', members: vips(3), policy: 'Apart' as const }];
    const apart = new TaskLab({ placement: { ...NO_RULES, groups } });
    expect(failure(apart, move(apart))).toContain('their group stays apart');
  });

  test('names that are not known', () => {
    const lab = new TaskLab();
    expect(failure(lab, { action: 'Move', address: VIP, node: 'node-4' })).toContain('did you mean node-1?');
    const other = new TaskLab();
    expect(failure(other, { action: 'Move', address: '198.51.100.1', node: 'node-1' })).toContain('no pool');
    const third = new TaskLab();
    expect(failure(third, { action: 'Failback', pool: 'nsa' })).toContain('the pools are nas');
    const bad = new TaskLab();
    expect(failure(bad, { action: 'Move', address: VIP })).toContain('write { action: Move');
  });

  test('a home that is gone', () => {
    const lab = new TaskLab({ failback: { policy: 'Manual', delayMs: 0 } });
    const home = lab.record.get(VIP)?.home ?? '';
    lab.change(home, { gone: 'said-goodbye' });
    lab.run();
    expect(failure(lab, { action: 'Failback' })).toContain(`the agent of ${home} was stopped`);
  });
});

describe('Failback', () => {
  test('brings home what a manual policy left elsewhere, before any delay', () => {
    const lab = new TaskLab({ failback: { policy: 'Manual', delayMs: 3_600_000 } });
    const before = lab.everywhere();
    const home = lab.record.get(VIP)?.home ?? '';
    lab.change(home, { gone: 'lease-ended' });
    lab.run();
    lab.change(home, { gone: 'no', applied: report(home), stableSince: monotonic(lab.now) });
    lab.run();
    expect(lab.everywhere()).not.toEqual(before);
    lab.create('t', { action: 'Failback', pool: 'nas' });
    lab.run();
    expect(lab.status('t')?.phase).toBe('Succeeded');
    expect(lab.everywhere()).toEqual(before);
  });

  test('of one VIP brings home all of a group that stays together', () => {
    const [a = '', b = ''] = vips(2);
    const groups = [{ name: 'pair', members: vips(2), policy: 'Together' as const }];
    for (const address of [a, b]) {
      const lab = new TaskLab({ placement: { ...NO_RULES, groups } });
      const before = lab.everywhere();
      lab.create('t', move(lab));
      lab.run();
      expect(lab.everywhere()).not.toEqual(before);
      lab.create('back', { action: 'Failback', address });
      lab.run();
      expect(lab.status('back')?.phase).toBe('Succeeded');
      expect(lab.everywhere()).toEqual(before);
    }
  });

  test('of a VIP that is given another home meanwhile ends, and says which', () => {
    const lab = new TaskLab();
    const [from, to] = [lab.where(VIP), another(lab)];
    lab.create('t', move(lab));
    lab.run();
    lab.create('back', { action: 'Failback', address: VIP });
    lab.isDeaf = true;
    lab.run(2);
    expect(lab.status('back')?.phase).toBe('Running');
    const third = ['node-1', 'node-2', 'node-3'].find((node) => node !== from && node !== to) ?? '';
    lab.pools = lab.pools.map((item) => ({ ...item, homes: new Map([[v(VIP), n(third)]]) }));
    lab.run(2);
    expect(lab.status('back')).toMatchObject({
      phase: 'Failed',
      message: `stayed: ${VIP} (its home is ${third} now)`,
    });
  });

  test('with everything at home says so', () => {
    const lab = new TaskLab();
    lab.create('t', { action: 'Failback' });
    lab.run();
    expect(lab.status('t')).toMatchObject({ phase: 'Succeeded', message: 'every VIP is at home already' });
  });
});

describe('the life of a task', () => {
  test('expires where nobody began it in time', () => {
    const lab = new TaskLab();
    const before = lab.everywhere();
    lab.create('t', move(lab), new Date(START_MS - 301_000).toISOString());
    lab.run();
    expect(lab.status('t')?.phase).toBe('Expired');
    expect(lab.everywhere()).toEqual(before);
  });

  test('goes when its time is over, and not before', () => {
    const lab = new TaskLab();
    lab.create('t', { ...(move(lab) as object), ttlAfterFinished: '10m' });
    lab.run();
    expect(isFinished(lab.status('t'))).toBe(true);
    lab.run(9, 60_000);
    expect(lab.removed).toEqual([]);
    lab.run(2, 60_000);
    expect(lab.removed).toContain('t');
  });

  test('the record of one that its author removed goes at once', () => {
    const lab = new TaskLab();
    lab.create('t', move(lab));
    lab.run();
    lab.tasks = lab.tasks.map((task) => ({ ...task, deleting: true }));
    lab.run(1);
    expect(lab.removed).toEqual(['t']);
  });
});
