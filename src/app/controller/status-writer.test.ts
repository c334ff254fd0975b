import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusReport } from '../../core/controller/status-report.ts';
import { nodeName, poolName } from '../../core/ids.ts';
import type { PoolManifest } from '../../core/manifest.ts';
import type { NodeEntry } from '../../core/node-table.ts';
import type { CheckState } from '../../core/check-state.ts';
import type { VipPoolStatus } from '../../core/api/types.gen.ts';
import type { DoneMove } from '../../core/move-log.ts';
import type { ObjectEvent } from '../../core/object-event.ts';
import { monotonic } from '../../core/time.ts';
import type { PoolView } from '../../core/pool-view.ts';
import { Reason } from '../../core/reasons.ts';
import { checkState, nodeEntry, nodeReport, term, v } from '../../testing/core-builders.ts';
import { poolReport } from '../../testing/pool-report.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { StatusWriter } from './status-writer.ts';

const NAS = poolName('nas');

const manifest = (over: Partial<PoolManifest> = {}): PoolManifest => ({
  name: NAS,
  uid: 'uid-1',
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: {},
  status: undefined,
  ...over,
});

/** A pool of four VIPs, so many of them bound. */
function view(bound: number): PoolView {
  const bindings = [1, 2, 3, 4].map((last) => ({
    vip: v(`192.0.2.${last}`),
    node: last <= bound ? nodeName('node-1') : undefined,
    home: undefined,
    interface: 's0',
    state: last <= bound ? ('Bound' as const) : ('Unassigned' as const),
    reason: Reason.PlacedAtHome,
  }));
  return { pool: NAS, generation: 1, term: term(1), readyNodes: 1, bindings, refusals: [], rivals: [], holdingOn: [] };
}

const pools = (bound: number, over: Partial<PoolManifest> = {}): StatusReport['pools'] =>
  new Map([[NAS, poolReport(undefined, { manifest: manifest(over), view: view(bound), term: term(1) })]]);

const nodes = (over: Partial<NodeEntry> = {}): StatusReport['nodes'] =>
  new Map([['node-1', nodeReport('node-1', { entry: nodeEntry('node-1', over), leasedMs: clock.now() })]]);

const report = (bound: number, over: Partial<PoolManifest> = {}): StatusReport => ({
  pools: pools(bound, over),
  nodes: new Map(),
});

let clock: VirtualClock;
let source: ScriptedSource;
let ports: RecordedPorts;
let writer: StatusWriter;
let reigning: boolean;
let told: ObjectEvent[];

beforeEach(() => {
  clock = new VirtualClock();
  source = new ScriptedSource();
  ports = new RecordedPorts();
  reigning = true;
  told = [];
  writer = new StatusWriter(
    { clock, source, log: ports.log },
    () => reigning,
    (events) => void told.push(...events),
  );
});

/** "KIND/NAME REASON NOTE" of every event. */
const texts = (): string[] => told.map(({ about, reason, note }) => `${about.kind}/${about.name} ${reason} ${note}`);

/** What the source was asked for since the last look. */
const asked = (): string[] => source.calls.splice(0);

describe('what changed', () => {
  it('is written at once the first time, then at most ten times a second, always the newest', async () => {
    writer.publish(report(0));
    await clock.advance(0);
    expect(asked()).toEqual(['nas 0/4']);
    for (const bound of [1, 2, 3]) writer.publish(report(bound));
    await clock.advance(99);
    expect(asked()).toEqual([]);
    await clock.advance(1);
    expect(asked()).toEqual(['nas 3/4']);
  });

  it('while a write is under way is written after it, the newest alone', async () => {
    const open = source.hold();
    writer.publish(report(0));
    await clock.advance(0);
    for (const bound of [1, 2, 3]) writer.publish(report(bound));
    await clock.advance(5_000);
    expect(asked()).toEqual(['nas 0/4']);
    open();
    await clock.advance(100);
    expect(asked()).toEqual(['nas 3/4']);
  });

  it('is alone written: an unchanged status never is', async () => {
    for (let round = 0; round < 5; round++) {
      writer.publish(report(2));
      await clock.advance(60_000);
    }
    expect(asked()).toEqual(['nas 2/4']);
    expect(clock.pending).toBe(0);
  });

  it('is compared with what an earlier master wrote', async () => {
    const written = new StatusWriter(
      { clock, source, log: ports.log },
      () => true,
      () => undefined,
    );
    let status: PoolManifest['status'];
    source.writePoolStatus = (_, next) => {
      status = next;
      source.calls.push('written');
      return Promise.resolve();
    };
    written.publish(report(2));
    await clock.advance(0);
    expect(asked()).toEqual(['written']);
    writer.observe({ pools: [manifest({ status })], nodes: [], problems: [], complete: true });
    writer.publish(report(2));
    await clock.advance(1_000);
    expect(asked()).toEqual([]);
  });

  it('is everything where the pool was made anew under its old name', async () => {
    writer.publish(report(2));
    await clock.advance(1_000);
    asked();
    writer.publish(report(2, { uid: 'uid-2' }));
    await clock.advance(1_000);
    expect(asked()).toEqual(['nas 2/4']);
  });
});

describe('a node', () => {
  it('whose only news is a heartbeat is written every ten seconds, other news at once', async () => {
    for (let second = 0; second < 20; second++) {
      writer.publish({ pools: new Map(), nodes: nodes() });
      await clock.advance(1_000);
    }
    expect(asked()).toEqual(['node-1 Healthy', 'node-1 Healthy']);
    writer.publish({ pools: new Map(), nodes: nodes({ gone: 'lease-ended' }) });
    await clock.advance(0);
    expect(asked()).toEqual(['node-1 Unreachable']);
  });

  it('whose checks only say other words is not written more often; a check that fails is told at once', async () => {
    const check = (state: CheckState['state'], second: number): Partial<NodeEntry> => ({
      checks: [checkState('nfs', state, { output: `answered ${second}`, durationMs: second, sinceMs: second * 1_000 })],
      service: { reachable: true, rttMs: second, message: '' },
    });
    for (let second = 0; second < 20; second++) {
      writer.publish({ pools: new Map(), nodes: nodes(check('Passing', second)) });
      await clock.advance(1_000);
    }
    expect(asked()).toHaveLength(2);
    writer.publish({ pools: new Map(), nodes: nodes(check('Failing', 0)) });
    await clock.advance(0);
    expect(asked()).toHaveLength(1);
  });
});

it('a pool that begins to use an interface without a carrier is in the status of its node at once', async () => {
  const known = nodeReport('node-1', { entry: nodeEntry('node-1') });
  for (const withoutCarrier of [[], [], ['s0']]) {
    writer.publish({ pools: new Map(), nodes: new Map([['node-1', { ...known, withoutCarrier }]]) });
    await clock.advance(500);
  }
  expect(asked()).toEqual(['node-1 Healthy', 'node-1 Degraded']);
});

it('an edit of what is declared of a node is in its status at once, also where it changes nothing else', async () => {
  const known = nodeReport('node-1', { entry: nodeEntry('node-1') });
  const edited = (generation: number): StatusReport['nodes'] => {
    const record = { name: nodeName('node-1'), generation, status: undefined };
    return new Map([['node-1', { ...known, record }]]);
  };
  const written: unknown[] = [];
  source.writeNodeStatus = async (_node, { observedGeneration }) => void written.push(observedGeneration);
  for (const generation of [1, 2, 2, 3]) {
    writer.publish({ pools: new Map(), nodes: edited(generation) });
    await clock.advance(500);
  }
  expect(written).toEqual([1, 2, 3]);
});

describe('the history of a pool', () => {
  it('has each move once, also where a write failed', async () => {
    const written: VipPoolStatus[] = [];
    const { writePoolStatus } = source;
    source.writePoolStatus = async (pool, status) => {
      await writePoolStatus(pool, status);
      written.push(status);
    };
    const moves: DoneMove[] = [1, 2].map((last) => ({
      vip: v(`192.0.2.${last}`),
      from: nodeName('node-2'),
      to: nodeName('node-1'),
      reason: Reason.CheckFailed,
      at: monotonic(0),
      detectMs: undefined,
      decideMs: undefined,
      bindMs: undefined,
    }));
    const withMoves = (count: number): StatusReport => {
      const [entry] = [...pools(2).values()];
      if (!entry) throw new Error('no pool');
      return { pools: new Map([[NAS, { ...entry, moves: moves.slice(2 - count) }]]), nodes: new Map() };
    };
    source.failure = new Error('away');
    writer.publish(withMoves(1));
    await clock.advance(100);
    source.failure = undefined;
    writer.publish(withMoves(1));
    await clock.advance(2_000);
    writer.publish(withMoves(2));
    await clock.advance(2_000);
    writer.publish(withMoves(2));
    await clock.advance(2_000);
    expect(written.map(({ history }) => history?.map(({ address }) => address))).toEqual([
      ['192.0.2.2'],
      ['192.0.2.1', '192.0.2.2'],
    ]);
    const told = (last: number): string[] => [
      `VipPool/nas CheckFailed 192.0.2.${last} from node-2 to node-1`,
      `NodeHealth/node-2 CheckFailed pool nas: 192.0.2.${last} from node-2 to node-1`,
      `NodeHealth/node-1 CheckFailed pool nas: 192.0.2.${last} from node-2 to node-1`,
    ];
    expect(texts().filter((text) => text.includes('CheckFailed'))).toEqual([...told(2), ...told(1)]);
  });
});

describe('events', () => {
  it('tell what was news in a status, once it is written', async () => {
    source.failure = new Error('away');
    writer.publish({ pools: pools(4), nodes: nodes() });
    await clock.advance(500);
    expect(texts()).toEqual([]);
    source.failure = undefined;
    await clock.advance(1_000);
    writer.publish({ pools: pools(4), nodes: nodes({ gone: 'lease-ended' }) });
    await clock.advance(1_000);
    expect(texts()).toEqual([
      'VipPool/nas AllBound Ready=True: all 4 VIPs are bound',
      expect.stringMatching(/^NodeHealth\/node-1 LeaseHeld Ready=True: /),
      expect.stringMatching(/^NodeHealth\/node-1 NodeLost Ready=False: no heartbeat arrives/),
    ]);
  });

  it('leave out what an earlier master wrote, and so told', async () => {
    const conditions = [
      { type: 'Ready', status: 'True' as const, reason: 'AllBound', message: '', lastTransitionTime: '' },
    ];
    writer.observe({ pools: [manifest({ status: { conditions } })], nodes: [], problems: [], complete: true });
    writer.publish(report(4));
    await clock.advance(1_000);
    expect(asked()).toEqual(['nas 4/4']);
    expect(texts()).toEqual([]);
  });
});

describe('a source that is away', () => {
  it('is asked again every second until it takes the newest status, with one warning', async () => {
    source.failure = new Error('away');
    writer.publish({ pools: pools(1), nodes: nodes() });
    await clock.advance(3_000);
    expect(asked().filter((call) => call.startsWith('nas'))).toHaveLength(4);
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    writer.publish({ pools: pools(2), nodes: nodes() });
    source.failure = undefined;
    await clock.advance(1_000);
    expect(asked().sort()).toEqual(['nas 2/4', 'node-1 Healthy']);
    await clock.advance(5_000);
    expect(asked()).toEqual([]);
  });

  it('keeps one object from no other: only the one that failed is written again', async () => {
    const { writePoolStatus } = source;
    source.writePoolStatus = (...given) => writePoolStatus(...given).then(() => Promise.reject(new Error('refused')));
    writer.publish({ pools: pools(1), nodes: nodes() });
    await clock.advance(2_500);
    expect(asked()).toEqual(['nas 1/4', 'node-1 Healthy', 'nas 1/4', 'nas 1/4']);
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('is asked again to protect a pool, and to let it go', async () => {
    writer.publish(report(0));
    await clock.advance(200);
    asked();
    source.failure = new Error('away');
    writer.lifecycle('protect', NAS);
    writer.lifecycle('finalize', NAS);
    await clock.advance(500);
    expect(asked()).toEqual(['protect nas', 'finalize nas']);
    source.failure = undefined;
    await clock.advance(500);
    expect(asked()).toEqual(['protect nas', 'finalize nas']);
    await clock.advance(5_000);
    expect(asked()).toEqual([]);
  });
});

describe('a pool', () => {
  it('is protected once per object', async () => {
    writer.publish(report(0));
    for (let round = 0; round < 3; round++) {
      writer.lifecycle('protect', NAS);
      await clock.advance(0);
    }
    expect(asked().filter((call) => call.startsWith('protect'))).toHaveLength(1);
    writer.publish(report(0, { uid: 'uid-2' }));
    writer.lifecycle('protect', NAS);
    await clock.advance(0);
    expect(asked().filter((call) => call.startsWith('protect'))).toHaveLength(1);
  });
});

describe('nothing is written', () => {
  it('after a pause, not even what was planned or has failed', async () => {
    writer.publish(report(0));
    await clock.advance(0);
    writer.publish(report(1));
    source.failure = new Error('away');
    writer.lifecycle('finalize', NAS);
    asked();
    writer.pause();
    await clock.advance(60_000);
    expect(asked()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('by a process that slept past the end of its reign', async () => {
    writer.publish(report(0));
    reigning = false;
    await clock.advance(0);
    writer.lifecycle('finalize', NAS);
    await clock.advance(60_000);
    expect(asked()).toEqual([]);
  });

  it('after stop, which waits for what is under way', async () => {
    const open = source.hold();
    writer.publish(report(0));
    await clock.advance(0);
    writer.publish(report(1));
    let stopped = false;
    const stopping = writer.stop().then(() => (stopped = true));
    await clock.advance(10_000);
    expect(stopped).toBe(false);
    open();
    await stopping;
    writer.publish(report(2));
    await clock.advance(10_000);
    expect(asked()).toEqual(['nas 0/4']);
    expect(clock.pending).toBe(0);
  });
});

it('a reign that begins again writes what the other master changed, not what it remembers', async () => {
  const open = source.hold();
  writer.publish(report(2));
  await clock.advance(0);
  writer.pause();
  writer.observe({ pools: [manifest({ status: {} })], nodes: [], problems: [], complete: true });
  open();
  await clock.advance(0);
  writer.publish(report(2));
  await clock.advance(1_000);
  expect(asked()).toEqual(['nas 2/4', 'nas 2/4']);
});
