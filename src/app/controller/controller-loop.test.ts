import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ControllerConfig } from '../../core/controller/controller-state.ts';
import type { ControllerMemory } from '../../core/controller/controller-memory.ts';
import { type Electorate, electorateName } from '../../core/electorate.ts';
import { nodeName } from '../../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import { TIMING_PROFILES } from '../../core/timing.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../../ports/agent-server.ts';
import type { ControllerMemoryStore } from '../../ports/controller-memory.ts';
import type { PeerLink } from '../../ports/peer-link.ts';
import { applied, electorate, healthReport, instance, lease, term } from '../../testing/core-builders.ts';
import { FakeElection } from '../../testing/fake-election-store.ts';
import { FakeSource, FakeSourceStore } from '../../testing/fake-source.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ControllerLoop } from './controller-loop.ts';

const SESSION = 1 as SessionId;
const SPEC = { addresses: ['192.0.2.1', '192.0.2.2'], interface: { names: ['s0'] } };

/** A lone controller, or one of two. */
const configOf = (id: string, of: Electorate): ControllerConfig => ({
  self: instance(id),
  bootId: 'boot',
  electorate: of,
  timing: TIMING_PROFILES.Default,
  election: { self: instance(id), ttlMs: 3_000, marginMs: 500, pollMs: 500, byVotes: false, electorate: of },
});

const NO_PEERS: PeerLink = { start: () => Promise.resolve(), send: () => undefined, stop: () => Promise.resolve() };

/** A controller on fakes, with one agent that the test speaks for. */
class Controller {
  readonly ports = new RecordedPorts();
  readonly said: ControllerMessage[] = [];
  readonly loop: ControllerLoop;
  readonly #trace: string[];
  memory: ControllerMemory | undefined;
  hear: (event: AgentServerEvent) => void = () => undefined;
  readonly #electorate: Electorate;
  #sequence = 0;

  constructor(
    id: string,
    shared: { clock: VirtualClock; election: FakeElection; declared: FakeSourceStore; trace: string[] },
    of: Electorate,
  ) {
    this.#electorate = of;
    this.#trace = shared.trace;
    const source = new FakeSource(shared.declared);
    const stopSource = source.stop.bind(source);
    source.stop = () => {
      shared.trace.push(`${id} source stop`);
      return stopSource();
    };
    const { log, metrics } = this.ports;
    const { clock } = shared;
    this.loop = new ControllerLoop(
      {
        clock,
        log,
        metrics,
        store: shared.election.newStore(),
        server: this.#server(id),
        source,
        peers: NO_PEERS,
        memory: this.#memory(),
      },
      configOf(id, of),
    );
  }

  #memory(): ControllerMemoryStore {
    return {
      load: () => this.memory,
      save: (memory) => void (this.memory = memory),
      savePromise: () => undefined,
    };
  }

  #server(id: string): AgentServer {
    return {
      start: (onEvent) => {
        this.#trace.push(`${id} server start`);
        this.hear = onEvent;
        return Promise.resolve();
      },
      send: (_, message) => void this.said.push(message),
      stop: () => {
        this.#trace.push(`${id} server stop`);
        return Promise.resolve();
      },
    };
  }

  agentSays(message: AgentMessage): void {
    this.hear({ kind: 'message', session: SESSION, message });
  }

  heartbeat(): void {
    const sequence = ++this.#sequence;
    const highestTerm = this.said.findLast((message) => message.kind === 'ack' || message.kind === 'nack')?.term;
    this.agentSays({ kind: 'heartbeat', sequence, lease: lease(), leaseValid: true, highestTerm });
  }

  /** An agent connects, and tells everything that the master needs to know. */
  greet(): void {
    this.agentSays({
      kind: 'hello',
      node: nodeName('node-1'),
      machineId: 'm',
      bootId: 'b',
      lease: lease(),
      leaseHeldMs: 60_000,
      labels: {},
      agentVersion: '0.1.0',
      electorate: electorateName(this.#electorate),
      witnessAddress: '',
    });
    this.agentSays({ kind: 'health', ...healthReport() });
    this.agentSays({ kind: 'applied', ...applied('node-1', { lease: lease() }) });
    this.heartbeat();
  }

  /** The agent has carried out the newest assignment. */
  confirm(): void {
    const assignment = this.said.findLast((message) => message.kind === 'assignment');
    if (!assignment) throw new Error('nothing was assigned');
    const { lease: of, term: by, version, vips } = assignment;
    this.agentSays({ kind: 'applied', ...applied('node-1', { lease: of, term: by, version, held: vips }) });
  }

  get isMaster(): boolean {
    return this.ports.gauges.get('controller_is_master') === 1;
  }

  messages(level: string): string[] {
    return this.ports.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

let clock: VirtualClock;
let election: FakeElection;
let declared: FakeSourceStore;
let trace: string[];
let controller: Controller;

const newController = (id: string, of = electorate(1)): Controller =>
  new Controller(id, { clock, election, declared, trace }, of);

/** Time in which the agent's heartbeats go on. */
async function withHeartbeats(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    controller.heartbeat();
    await clock.advance(100);
  }
}

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
    await withHeartbeats(2_000);
    expect(controller.isMaster).toBe(true);
    const assignment = controller.said.findLast((message) => message.kind === 'assignment');
    expect(assignment?.vips.map(({ vip }) => vip)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(assignment?.term.number).toBe(1);
    expect(declared.poolStatus('nas')).toMatchObject({ observedGeneration: 1, total: 2, master: 'c1' });
    expect(declared.nodeStatus('node-1')).toMatchObject({ phase: 'Healthy' });
  });

  it('answers each heartbeat before anything else happens', async () => {
    await controller.loop.start();
    controller.greet();
    await withHeartbeats(1_200);
    controller.said.length = 0;
    controller.heartbeat();
    expect(controller.said[0]).toMatchObject({ kind: 'ack', term: term(1), master: 'c1' });
  });

  it('acknowledges nobody until every lease that it may have forgotten is over', async () => {
    await controller.loop.start();
    controller.greet();
    await withHeartbeats(1_100);
    expect(controller.said.some(({ kind }) => kind === 'ack')).toBe(false);
    expect(controller.said.at(-1)).toMatchObject({ kind: 'nack', reason: 'Abstaining' });
    controller.said.length = 0;
    await withHeartbeats(200);
    expect(controller.said.filter(({ kind }) => kind === 'ack')).toHaveLength(1);
  });

  it('with the memory of an earlier run of this boot acknowledges at once', async () => {
    controller.memory = { bootId: 'boot', highestTerm: term(7), promise: undefined, leases: [] };
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
    await withHeartbeats(300);
    controller.confirm();
    await withHeartbeats(2_000);
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
    await withHeartbeats(300);
    controller.confirm();
    await withHeartbeats(2_000);
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
    await withHeartbeats(1_000);
    election.away = true;
    await withHeartbeats(5_000);
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

  it('ends source and server, and nothing happens afterwards', async () => {
    await controller.loop.start();
    controller.greet();
    await withHeartbeats(1_000);
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

describe('readiness and metrics', () => {
  it('is ready as master, and tells what the nodes hold', async () => {
    await controller.loop.start();
    expect(controller.loop.notReady()).toBe('neither master nor following one');
    controller.greet();
    await withHeartbeats(2_000);
    controller.confirm();
    await withHeartbeats(200);
    expect(controller.loop.notReady()).toBeUndefined();
    const shown = controller.ports.read();
    expect(shown.get('vip_holders pool=nas vip=192.0.2.1')).toBe(1);
    expect(shown.get('bindings node=node-1')).toBe(2);
    expect(controller.ports.observations.get('reconcile_duration_seconds')?.length).toBeGreaterThan(0);
  });

  it('stays ready as master without the store for as long as it may act, and tells nothing of nodes afterwards', async () => {
    await controller.loop.start();
    controller.greet();
    await withHeartbeats(2_000);
    election.away = true;
    await withHeartbeats(6_000);
    expect(controller.isMaster).toBe(false);
    expect(controller.loop.notReady()).toBe('neither master nor following one');
    expect([...controller.ports.read().keys()].filter((key) => key.startsWith('vip_holders'))).toEqual([]);
  });
});
