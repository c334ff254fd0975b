import { beforeEach, describe, expect, it } from '@jest/globals';
import { electorate, term } from '../../testing/core-builders.ts';
import { ControllerOnFakes } from '../../testing/controller-on-fakes.ts';
import { FakeElection } from '../../testing/fake-election-store.ts';
import { FakeSourceStore } from '../../testing/fake-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

const SPEC = { addresses: ['192.0.2.1', '192.0.2.2'], interface: { names: ['s0'] } };

let clock: VirtualClock;
let election: FakeElection;
let declared: FakeSourceStore;
let trace: string[];
let controller: ControllerOnFakes;

const newController = (id: string, of = electorate(1)): ControllerOnFakes =>
  new ControllerOnFakes(id, { clock, election, declared, trace }, of);

beforeEach(() => {
  clock = new VirtualClock();
  election = new FakeElection(clock);
  declared = new FakeSourceStore();
  declared.apply('nas', SPEC);
  trace = [];
  controller = newController('c1');
});

describe('alone', () => {
  it('becomes master, places the VIPs on the agent that is there, and writes the statuses', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(2_000);
    expect(controller.isMaster).toBe(true);
    const assignment = controller.said.findLast((message) => message.kind === 'assignment');
    expect(assignment?.vips.map(({ vip }) => vip)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(assignment?.term.number).toBe(1);
    expect(declared.poolStatus('nas')).toMatchObject({ observedGeneration: 1, total: 2, master: 'c1' });
    expect(declared.nodeStatus('node-1')).toMatchObject({ phase: 'Healthy' });
  });

  it('says in debug lines what each agent was assigned, and which one went away', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(2_000);
    controller.hangUp();
    const lines = controller.ports.lines.filter(({ level }) => level === 'debug');
    expect(lines.map(({ message, fields }) => [message, fields['node'], fields['vips']])).toEqual([
      ['assignment sent', 'node-1', 0],
      ['assignment sent', 'node-1', 2],
      ['agent disconnected', 'node-1', undefined],
    ]);
  });

  it('does a task, writes what became of it, and removes it when its time is over', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(2_000);
    controller.confirm();
    await controller.withHeartbeats(500);
    declared.applyTask('home', { action: 'Failback', ttlAfterFinished: '30s' });
    declared.applyTask('away', { action: 'Move', address: '192.0.2.1', node: 'node-7' });
    await controller.withHeartbeats(200);
    expect(declared.taskStatus('home')).toMatchObject({ phase: 'Succeeded', message: 'every VIP is at home already' });
    expect(declared.taskStatus('away')).toMatchObject({
      phase: 'Failed',
      message: '192.0.2.1 cannot go there: there is no node node-7: did you mean node-1?',
    });
    await controller.withHeartbeats(28_000);
    expect(declared.snapshot().tasks?.map(({ name }) => name)).toEqual(['home', 'away']);
    await controller.withHeartbeats(15_000);
    expect(declared.snapshot().tasks?.map(({ name }) => name)).toEqual(['away']);
  });

  it('answers each heartbeat before anything else happens', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(1_200);
    controller.said.length = 0;
    controller.heartbeat();
    expect(controller.said[0]).toMatchObject({ kind: 'ack', term: term(1), master: 'c1' });
  });

  it('acknowledges nobody until every lease that it may have forgotten is over', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(1_100);
    expect(controller.said.some(({ kind }) => kind === 'ack')).toBe(false);
    expect(controller.said.at(-1)).toMatchObject({ kind: 'nack', reason: 'Abstaining' });
    controller.said.length = 0;
    await controller.withHeartbeats(200);
    expect(controller.said.filter(({ kind }) => kind === 'ack')).toHaveLength(1);
  });

  it('with the memory of an earlier run of this boot acknowledges at once', async () => {
    controller.memory = {
      bootId: 'boot',
      highestTerm: term(7),
      promise: undefined,
      leases: [],
      electorate: electorate(1),
    };
    await controller.loop.start();
    controller.greet();
    expect(controller.said.at(-1)).toMatchObject({ kind: 'ack', term: term(7) });
  });

  it('is on the gauges, in the log, and counted', async () => {
    await controller.loop.start();
    await clock.advance(1_000);
    expect(controller.ports.gauges.get('election_term')).toBe(1);
    election.away = true;
    await clock.advance(2_600);
    expect(controller.ports.count('election_transitions_total reason=elected')).toBe(1);
    expect(controller.ports.count('election_transitions_total reason=deposed')).toBe(1);
    expect(controller.messages('info').filter((text) => text.includes('master'))).toEqual([
      'elected master',
      'no longer master',
    ]);
  });

  it('B5 counts and logs where the record and what the nodes hold differ', async () => {
    const binding = { state: 'Bound', since: '2026-01-01T00:00:00Z', term: 1, reason: 'PlacedAtHome' } as const;
    const status = { bindings: [{ ...binding, address: '192.0.2.1', node: 'node-9' }] };
    declared.updatePool('nas', (pool) => ({ ...pool, manifest: { ...pool.manifest, status } }));
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(400);
    controller.confirm();
    await controller.withHeartbeats(2_000);
    const lines = controller.ports.lines.filter(({ message }) => message === 'record and reality differ');
    expect(lines.map(({ fields }) => fields)).toEqual([{ vip: '192.0.2.1', recorded: 'node-9', found: undefined }]);
    expect(controller.ports.count('record_differences_total')).toBe(1);
  });

  it('B5 tells the first of many differences one by one, and counts all of them', async () => {
    const binding = { state: 'Bound', since: '2026-01-01T00:00:00Z', term: 1, reason: 'PlacedAtHome' } as const;
    const bindings = Array.from({ length: 200 }, (_, n) => ({
      ...binding,
      address: `192.0.2.${n + 1}`,
      node: 'node-9',
    }));
    declared.updatePool('nas', (pool) => ({ ...pool, manifest: { ...pool.manifest, status: { bindings } } }));
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(400);
    controller.confirm();
    await controller.withHeartbeats(2_000);
    const lines = controller.ports.lines.filter(({ message }) => message.startsWith('record and reality differ'));
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)?.fields).toEqual({ count: 190 });
    expect(controller.ports.count('record_differences_total')).toBe(200);
  });

  it('lets a pool go when nobody can hold a VIP of it any more', async () => {
    await controller.loop.start();
    await clock.advance(2_000);
    declared.remove('nas');
    expect(declared.snapshot().pools).toMatchObject([{ deleting: true }]);
    await clock.advance(2_000);
    expect(declared.snapshot().pools).toEqual([]);
  });

  it('says each problem of the manifests once, and again when it comes back', async () => {
    const refused = (): number => controller.messages('warn').filter((text) => text === 'manifest refused').length;
    const problem = { where: 'nas.yaml:7', message: 'tabs are not allowed' };
    await controller.loop.start();
    declared.setProblems([problem], true);
    await clock.advance(100);
    declared.apply('other', { ...SPEC, addresses: ['192.0.2.77'] });
    await clock.advance(100);
    expect(refused()).toBe(1);
    declared.setProblems([], true);
    await clock.advance(100);
    declared.setProblems([problem], true);
    await clock.advance(100);
    expect(refused()).toBe(2);
  });
});

describe('while the election store is away', () => {
  it('resigns when its lock may have ended, says so once, and writes no status any more', async () => {
    await controller.loop.start();
    await clock.advance(1_000);
    expect(controller.isMaster).toBe(true);
    election.away = true;
    await clock.advance(2_600);
    expect(controller.isMaster).toBe(false);
    const before = declared.poolStatus('nas');
    declared.apply('nas', { ...SPEC, addresses: ['192.0.2.1'] });
    await clock.advance(30_000);
    expect(declared.poolStatus('nas')).toEqual(before);
    expect(controller.messages('warn').filter((text) => text.startsWith('election store'))).toHaveLength(1);
    election.away = false;
    await clock.advance(5_000);
    expect(controller.isMaster).toBe(true);
    expect(controller.messages('info')).toContain('election store answers again');
    expect(declared.poolStatus('nas')).toMatchObject({ observedGeneration: 2, total: 1 });
  });

  it('goes on acknowledging its agents', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(1_000);
    election.away = true;
    await controller.withHeartbeats(5_000);
    controller.said.length = 0;
    controller.heartbeat();
    expect(controller.said).toMatchObject([{ kind: 'ack' }]);
  });

  it('does not keep a stop from ending everything else', async () => {
    await controller.loop.start();
    await clock.advance(1_000);
    election.away = true;
    trace.length = 0;
    await controller.loop.stop();
    expect([...trace].sort()).toEqual(['c1 server stop', 'c1 source stop']);
  });
});

describe('a controller that leaves', () => {
  it('waits to be let go, and ends all the same where it is not', async () => {
    await controller.loop.start();
    await clock.advance(2_000);
    let isOver = false;
    const left = controller.loop.leave([], 1_000).then(() => (isOver = true));
    await clock.advance(900);
    expect(isOver).toBe(false);
    await clock.advance(200);
    await left;
    expect(controller.messages('warn')).toContain(
      'ends as a member of the electorate: the others did not let it go in time',
    );
  });
});

describe('a stop', () => {
  it('hands the lock over at once', async () => {
    controller = newController('c1', electorate(2));
    const next = newController('c2', electorate(2));
    await controller.loop.start();
    await clock.advance(1_000);
    await next.loop.start();
    await clock.advance(1_000);
    expect([controller.isMaster, next.isMaster]).toEqual([true, false]);
    await controller.loop.stop();
    await clock.advance(50);
    expect([controller.isMaster, next.isMaster]).toEqual([false, true]);
    expect(next.ports.gauges.get('election_term')).toBe(2);
  });

  it('leaves no task that is finished to a successor which has not heard of its end', async () => {
    controller = newController('c1', electorate(2));
    const next = newController('c2', electorate(2));
    for (const { loop } of [controller, next]) await loop.start();
    controller.greet();
    await controller.withHeartbeats(2_000);
    controller.confirm();
    await controller.withHeartbeats(500);
    controller.source.cutOff();
    declared.applyTask('home', { action: 'Failback' });
    await clock.advance(1);
    next.source.cutOff();
    controller.source.reconnect();
    await controller.withHeartbeats(500);
    const finished = declared.taskStatus('home');
    expect(finished?.phase).toBe('Succeeded');
    await controller.loop.stop();
    next.greet();
    await next.withHeartbeats(3_000);
    next.confirm();
    await next.withHeartbeats(2_000);
    expect([next.isMaster, declared.taskStatus('home')]).toEqual([true, finished]);
    next.source.reconnect();
    declared.applyTask('again', { action: 'Failback' });
    await next.withHeartbeats(2_000);
    expect([declared.taskStatus('home'), declared.taskStatus('again')?.phase]).toEqual([finished, 'Succeeded']);
  });

  it('ends source and server, and nothing happens afterwards', async () => {
    await controller.loop.start();
    controller.greet();
    await controller.withHeartbeats(1_000);
    trace.length = 0;
    await controller.loop.stop();
    expect([...trace].sort()).toEqual(['c1 server stop', 'c1 source stop']);
    controller.said.length = 0;
    const before = declared.poolStatus('nas');
    controller.greet();
    declared.apply('nas', { ...SPEC, addresses: ['192.0.2.1'] });
    await clock.advance(60_000);
    expect(controller.said).toEqual([]);
    expect(declared.poolStatus('nas')).toEqual(before);
    expect(clock.pending).toBe(0);
  });
});
