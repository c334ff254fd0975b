import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Binding, NodeHealthStatus, VipPoolStatus, VipTaskSpec } from '../../core/api/types.gen.ts';
import { nodeName, poolName, type NodeName } from '../../core/ids.ts';
import type { Source } from '../../ports/source.ts';
import type { ManifestWriter } from '../../ports/manifest-writer.ts';
import { FakeSource, FakeSourceStore } from '../../testing/fake-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { doTask, taskName } from './do-task.ts';
import { drain, drainDryRun } from './drain.ts';
import { nodeFaults } from './node-faults.ts';
import { historyOf, renderHistory } from './history.ts';
import { unknownNames } from './known-names.ts';
import { isLost, renderSimulation, simulate } from './simulate.ts';
import { SourceSession } from './source-session.ts';

const AT = '2026-03-01T12:00:00Z';
const [A, B] = [nodeName('node-a'), nodeName('node-b')];

let clock: VirtualClock;
let store: FakeSourceStore;
let source: FakeSource;
let session: SourceSession;

const writer = (): ManifestWriter => ({
  createTask: async (name: string, spec: VipTaskSpec) => store.applyTask(name, spec),
  setMaintenance: async (node: NodeName, maintenance: boolean) => store.applyNode(node, { maintenance }),
  close: () => Promise.resolve(),
});
const bound = (address: string, node: string, over: Partial<Binding> = {}): Binding => ({
  address,
  node,
  home: node,
  state: 'Bound',
  since: AT,
  reason: 'PlacedAtHome',
  ...over,
});
const write = (bindings: readonly Binding[], history: VipPoolStatus['history'] = []): Promise<void> =>
  source.writePoolStatus(poolName('nas'), { bindings, history });
const node = (name: NodeName, phase: NodeHealthStatus['phase']): Promise<void> =>
  source.writeNodeStatus(name, { phase, labels: {}, interfaces: LINKS, checks: [passing] });
const LINKS = [{ name: 's0', carrier: true }];
const passing = { pool: 'nas', name: 'nfs', state: 'Passing' as const };

/** What `work` comes to, and after how long. */
async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const start = clock.now();
  const pending = Symbol('pending');
  const look = (): Promise<unknown> => Promise.race([work, Promise.resolve(pending)]);
  while ((await look()) === pending) await clock.advance(50);
  return [await work, clock.now() - start];
}

beforeEach(async () => {
  clock = new VirtualClock();
  store = new FakeSourceStore();
  store.apply('nas', { addresses: ['192.0.2.1-192.0.2.2'], interface: { names: ['s0'] } });
  source = new FakeSource(store);
  session = new SourceSession(source, clock);
  session.start();
  await Promise.all([node(A, 'Healthy'), node(B, 'Healthy'), write([bound('192.0.2.1', A), bound('192.0.2.2', B)])]);
  await clock.advance(0);
});

/** A source of its own that does this when it is started. */
function sessionOn(start: Source['start']): SourceSession {
  const other = new FakeSource(store);
  other.start = start;
  return new SourceSession(other, clock);
}

describe('a session', () => {
  test('ends with the first fault where nothing was ever read, and waits later ones out', async () => {
    const silent = sessionOn((_, onFault) => onFault(new Error('no cluster')));
    silent.start();
    await expect(silent.first(1_000)).rejects.toThrow('no cluster');
    store.fault(new Error('away'));
    expect((await session.first(1_000)).pools).toHaveLength(1);
  });

  test('that is never answered ends in time', async () => {
    const silent = sessionOn(() => undefined);
    silent.start();
    const reading = expect(silent.first(1_000)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    await clock.advance(1_000);
    await reading;
  });
});

describe('a task', () => {
  const options = { noWait: false, timeoutMs: 5_000 };
  const started = (): Promise<unknown> => doTask(session, writer(), 't', { action: 'Failback' }, options);

  test('is waited for until it is finished', async () => {
    const work = started();
    await clock.advance(500);
    const [task] = store.snapshot().tasks ?? [];
    if (!task) throw new Error('no task');
    await source.writeTaskStatus(task, { phase: 'Running' });
    await clock.advance(500);
    await source.writeTaskStatus(task, { phase: 'Failed', message: 'no' });
    const [report, tookMs] = await timed(work);
    expect(report).toEqual({ task: 't', phase: 'Failed', message: 'no', results: [] });
    expect(tookMs).toBeLessThan(500);
  });

  test('that no controller begins says so', async () => {
    const [report, tookMs] = await timed(started());
    expect(report).toMatchObject({ phase: 'Pending', message: expect.stringContaining('is one master?') });
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
  });

  test('that takes too long goes on', async () => {
    const work = started();
    await clock.advance(100);
    const [task] = store.snapshot().tasks ?? [];
    if (task) await source.writeTaskStatus(task, { phase: 'Running', message: 'moving' });
    const [report] = await timed(work);
    expect(report).toMatchObject({ phase: 'Running', message: 'moving: not finished yet; task t goes on' });
  });

  test.each([
    ['192.0.2.10', 'move-192-0-2-10-4fa1b2'],
    ['2001:db8::10', 'move-2001-db8-10-4fa1b2'],
    ['::1', 'move-1-4fa1b2'],
    [undefined, 'move-4fa1b2'],
  ])('about %s has a name that objects may have', (subject, name) => {
    expect(taskName('move', subject, '4fa1b2')).toBe(name);
  });
});

describe('a drain', () => {
  const options = { noWait: false, timeoutMs: 20_000 };

  test('is over as soon as the last VIP is bound elsewhere', async () => {
    const work = drain(session, writer(), A, options);
    await clock.advance(100);
    expect(store.snapshot().nodes.find(({ name }) => name === A)?.spec).toEqual({ maintenance: true });
    await write([bound('192.0.2.1', B, { state: 'Binding' }), bound('192.0.2.2', B)]);
    await clock.advance(2_000);
    await node(A, 'Maintenance');
    await write([bound('192.0.2.1', B, { reason: 'Maintenance' }), bound('192.0.2.2', B)]);
    const [report, tookMs] = await timed(work);
    const moved = [{ address: '192.0.2.1', to: 'node-b' }];
    expect(report).toEqual({ node: A, dryRun: false, moved, stayed: [], finished: true });
    expect(tookMs).toBeLessThan(500);
  });

  test('tells what stays for want of another node, once the master knows and nothing moves any more', async () => {
    const work = drain(session, writer(), A, options);
    await clock.advance(5_000);
    await node(A, 'Maintenance');
    await write([bound('192.0.2.1', A, { reason: 'OverLimit' }), bound('192.0.2.2', B)]);
    const [report, tookMs] = await timed(work);
    expect(report).toMatchObject({
      moved: [],
      finished: true,
      stayed: [{ address: '192.0.2.1', reason: 'OverLimit' }],
    });
    expect(report.stayed[0]?.message).toContain('raise spec.placement.maxPerNode');
    expect(tookMs).toBeGreaterThanOrEqual(3_000);
    expect(tookMs).toBeLessThan(4_000);
  });

  test('of what nobody may hold, since no node is healthy, is over at once and says so', async () => {
    const work = drain(session, writer(), A, options);
    await node(A, 'Maintenance');
    const message = 'node-a: check nfs fails';
    const lone = {
      address: '192.0.2.1',
      home: A,
      state: 'Unassigned',
      since: AT,
      reason: 'AllUnhealthy',
      message,
    } as const;
    await write([lone, bound('192.0.2.2', B)]);
    const [report, tookMs] = await timed(work);
    expect(report).toMatchObject({ finished: true, stayed: [] });
    expect(report.moved).toEqual([
      {
        address: '192.0.2.1',
        reason: 'AllUnhealthy',
        message: expect.stringMatching(/^node-a: check nfs fails: no node is healthy, .*: .*mend the service on one$/),
      },
    ]);
    expect(tookMs).toBeLessThan(500);
  });

  test('tells what a node keeps that is well, where no other one is', async () => {
    const work = drain(session, writer(), A, options);
    await clock.advance(100);
    await node(A, 'Maintenance');
    const [report] = await timed(work);
    expect(report).toMatchObject({ finished: true, stayed: [{ address: '192.0.2.1', reason: 'CheckFailed' }] });
  });

  test('of a node without VIPs waits until the master gives it none any more', async () => {
    const coming = bound('192.0.2.1', B, { home: A, state: 'Releasing', reason: 'Failback' });
    await write([coming, bound('192.0.2.2', B)]);
    await clock.advance(0);
    const work = drain(session, writer(), A, options);
    await clock.advance(1_000);
    await write([bound('192.0.2.1', A), bound('192.0.2.2', B)]);
    await clock.advance(1_000);
    await node(A, 'Maintenance');
    await write([bound('192.0.2.1', B, { reason: 'Maintenance' }), bound('192.0.2.2', B)]);
    const [report, tookMs] = await timed(work);
    expect(report).toEqual({ node: A, dryRun: false, moved: [], stayed: [], finished: true });
    expect(tookMs).toBeLessThan(500);
  });

  test('does not believe that it is over before what was on its way has arrived', async () => {
    const coming = bound('192.0.2.1', B, { home: A, state: 'Releasing', reason: 'Failback' });
    await write([coming, bound('192.0.2.2', B)]);
    await clock.advance(0);
    const work = drain(session, writer(), A, options);
    await node(A, 'Maintenance');
    await clock.advance(1_000);
    await write([bound('192.0.2.1', A), bound('192.0.2.2', B)]);
    const [report] = await timed(work);
    expect(report).toMatchObject({ finished: true, stayed: [{ address: '192.0.2.1' }] });
  });

  test('that no master hears of is not finished', async () => {
    const [report, tookMs] = await timed(drain(session, writer(), A, options));
    expect(report).toMatchObject({ finished: false, stayed: [{ address: '192.0.2.1' }] });
    expect(tookMs).toBeGreaterThanOrEqual(20_000);
  });

  test('may be asked for before', async () => {
    expect(drainDryRun(store.snapshot(), A)).toMatchObject({ moved: [{ address: '192.0.2.1', to: B }], stayed: [] });
    await node(B, 'Unreachable');
    expect(drainDryRun(store.snapshot(), A)).toMatchObject({ moved: [], stayed: [{ address: '192.0.2.1' }] });
  });
});

test.each([true, false])(
  'maintenance: %s is not written beside a fault that would keep it from coming into force',
  (on) => {
    expect(nodeFaults(store.snapshot(), A, on)).toEqual([]);
    store.applyNode(A, { maintenance: 'perhaps' });
    expect(nodeFaults(store.snapshot(), A, on)).toEqual([]);
    store.applyNode(A, { weight: 200 });
    expect(nodeFaults(store.snapshot(), A, on)).toEqual([
      expect.stringMatching(
        /^nothing of NodeHealth node-a comes into force before this is mended: spec\.weight: .*100/,
      ),
    ]);
  },
);

describe('a simulation', () => {
  test('tells what moves, and what nobody could hold', () => {
    expect(simulate(store.snapshot(), [A]).moves).toEqual([
      { address: '192.0.2.1', pool: 'nas', from: A, to: B, reason: 'NodeLost' },
    ]);
    const both = simulate(store.snapshot(), [A, B]);
    expect(both.moves.map(({ address, to }) => [address, to])).toEqual([
      ['192.0.2.1', undefined],
      ['192.0.2.2', undefined],
    ]);
    expect(renderSimulation(both, false)).toBe(
      'ADDRESS     POOL   FROM     TO       REASON\n' +
        '192.0.2.1   nas    node-a   nobody   NoEligibleNode\n' +
        '192.0.2.2   nas    node-b   nobody   NoEligibleNode\n',
    );
  });

  test.each([
    ['is drained', { maintenance: true }, {}],
    ['has weight 0', { weight: 0 }, {}],
    ['fails a check', {}, { checks: [{ ...passing, state: 'Failing' as const }] }],
    ['has told nothing of a check yet', {}, { checks: [] }],
    ['has no carrier', {}, { interfaces: [{ name: 's0', carrier: false }] }],
    ['reaches nobody', {}, { interfaces: [{ name: 's0', carrier: true, silent: true }] }],
    ['is lost itself', {}, { phase: 'Unreachable' as const }],
  ])('gives nothing to a node that %s', async (_, spec, status) => {
    const health = { checks: [{ name: 'nfs', type: 'nfs' }] };
    store.apply('nas', { addresses: ['192.0.2.1-192.0.2.2'], interface: { names: ['s0'] }, health });
    const C = nodeName('node-c');
    await node(C, 'Healthy');
    store.applyNode(C, spec);
    await source.writeNodeStatus(C, {
      phase: 'Healthy',
      labels: {},
      interfaces: [{ name: 's0', carrier: true }],
      checks: [passing],
      ...status,
    });
    const moves = simulate(store.snapshot(), [A]).moves.filter(({ from }) => from === A);
    expect(moves.map(({ to }) => to)).toEqual([B]);
  });

  test('does not guess where the next master will run', async () => {
    const follow = { kind: 'Master' };
    store.apply('nas', { addresses: ['192.0.2.1'], interface: { names: ['s0'] }, placement: { follow } });
    await write([bound('192.0.2.1', A)]);
    await source.writeNodeStatus(A, { phase: 'Healthy', role: 'Master', labels: {}, interfaces: LINKS });
    const report = simulate(store.snapshot(), [A]);
    expect(report.moves).toEqual([
      { address: '192.0.2.1', pool: 'nas', from: A, toNextMaster: true, reason: 'NodeLost' },
    ]);
    expect(report.moves.filter(isLost)).toEqual([]);
    expect(renderSimulation(report, false)).toContain('192.0.2.1   nas    node-a   next master   NodeLost');
    // Without a controller beside it nobody takes office from a master that is drained.
    expect(drainDryRun(store.snapshot(), A)).toMatchObject({ moved: [], stayed: [{ reason: 'Maintenance' }] });
  });

  test('says that nothing would move', () => {
    expect(renderSimulation(simulate(store.snapshot(), [nodeName('node-c')]), false)).toBe(
      'Nothing would move if node-c failed.\n',
    );
  });
});

test('the history of all pools, the newest first', async () => {
  const move = (time: string, address: string): NonNullable<VipPoolStatus['history']>[number] => ({
    time,
    address,
    from: A,
    to: B,
    reason: 'NodeLost',
    detectMs: 900,
    decideMs: 2,
    bindMs: 15,
  });
  await write([], [move('2026-03-01T11:59:00Z', '192.0.2.1'), move('2026-03-01T11:00:00Z', '192.0.2.2')]);
  store.apply('web', { addresses: ['198.51.100.1'] });
  await source.writePoolStatus(poolName('web'), { history: [move('2026-03-01T11:30:00Z', '198.51.100.1')] });
  const all = historyOf(store.snapshot(), { pool: undefined, address: undefined });
  expect(all.map(({ address }) => address)).toEqual(['192.0.2.1', '198.51.100.1', '192.0.2.2']);
  expect(historyOf(store.snapshot(), { pool: 'web', address: undefined })).toHaveLength(1);
  const one = historyOf(store.snapshot(), { pool: undefined, address: '192.0.2.1' });
  expect(renderHistory(one, { wide: true, now: new Date(AT) })).toBe(
    'TIME                   AGE      ADDRESS     POOL   FROM     TO       DETECT   DECIDE   BIND   REASON\n' +
      '2026-03-01T11:59:00Z   1m       192.0.2.1   nas    node-a   node-b   900ms    2ms      15ms   NodeLost\n',
  );
  expect(renderHistory([], { wide: false, now: new Date(AT) })).toBe('No moves on record.\n');
});

test('names that nobody knows', () => {
  const snapshot = store.snapshot();
  expect(unknownNames(snapshot, { address: '192.0.2.1', pool: 'nas', nodes: ['node-a'] })).toEqual([]);
  expect(unknownNames(snapshot, { address: '192.0.2.3', pool: 'nsa', nodes: ['nas-7'] })).toEqual([
    'there is no VIP 192.0.2.3; did you mean 192.0.2.1?',
    'there is no pool nsa; did you mean nas?',
    'there is no node nas-7: known are node-a, node-b',
  ]);
  const empty = new FakeSourceStore().snapshot();
  expect(unknownNames(empty, { pool: 'nas' })).toEqual(['there is no pool nas: there is none at all']);
});
