import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeReport, StatusReport } from '../../core/controller/status-report.ts';
import type { NodeEntry } from '../../core/node-table.ts';
import { nodeEntry, nodeReport, term } from '../../testing/core-builders.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { StatusWriter } from './status-writer.ts';

const NODES = 1_000;
const TERM = term(1);
const names = Array.from({ length: NODES }, (_, index) => `node-${index}`);

let clock: VirtualClock;
let source: ScriptedSource;
let writer: StatusWriter;

beforeEach(() => {
  clock = new VirtualClock();
  source = new ScriptedSource();
  writer = new StatusWriter(
    { clock, source, log: new RecordedPorts().log },
    () => true,
    () => undefined,
  );
});

/** All nodes are alive, and tell anew how long everything takes. `over`: what is different of which node. */
function publish(round: number, over: ReadonlyMap<string, Partial<NodeEntry>> = new Map()): void {
  const report = (name: string): NodeReport =>
    nodeReport(name, {
      entry: nodeEntry(name, {
        service: { reachable: true, rttMs: round, message: '' },
        load: { processorPercent: round % 100, memoryPercent: 50 },
        ...over.get(name),
      }),
      silentMs: round % 200,
      leasedMs: clock.now(),
      term: TERM,
    });
  const status: StatusReport = { pools: new Map(), nodes: new Map(names.map((name) => [name, report(name)])) };
  writer.publish(status);
}

/** Writes in each of so many seconds, in which the master has news twice a second. */
async function writesPerSecond(seconds: number): Promise<number[]> {
  const counts: number[] = [];
  for (let second = 0; second < seconds; second++) {
    for (const half of [0, 1]) {
      publish(2 * second + half);
      await clock.advance(500);
    }
    counts.push(source.calls.splice(0).length);
  }
  return counts;
}

describe('of a thousand nodes', () => {
  it('of which nothing is new each is written at most once in ten seconds, a hundred in a second', async () => {
    const [first, ...later] = await writesPerSecond(61);
    expect(first).toBe(NODES);
    const total = later.reduce((sum, count) => sum + count, 0);
    expect(total).toBeLessThanOrEqual(60 * (NODES / 10));
    // Nobody is forgotten: with the spread each is written five times.
    expect(total).toBeGreaterThanOrEqual(5 * NODES * 0.9);
  }, 60_000);

  it('the one that has news is written at once, and alone', async () => {
    publish(0);
    await clock.advance(1_000);
    source.calls.length = 0;
    publish(0, new Map([['node-7', { gone: 'lease-ended' }]]));
    await clock.advance(100);
    expect(source.calls).toEqual(['node-7 Unreachable']);
  });

  it('an interface on which nobody answers any more is news', async () => {
    const known = nodeEntry('node-7');
    publish(0, new Map([['node-7', known]]));
    await clock.advance(1_000);
    source.calls.length = 0;
    publish(0, new Map([['node-7', { ...known, reach: [{ interface: 's0', state: 'Silent' }] }]]));
    await clock.advance(100);
    expect(source.calls).toEqual(['node-7 Degraded']);
  });
});

it('B6 that a node stops answering multicast is written at once, though nothing else of it has changed', async () => {
  const report = nodeReport('node-7', { entry: nodeEntry('node-7') });
  const publishAlone = (over: Partial<NodeReport>): void =>
    writer.publish({ pools: new Map(), nodes: new Map([['node-7', { ...report, ...over }]]) });
  publishAlone({});
  await clock.advance(1_000);
  publishAlone({ silentMs: 100 });
  await clock.advance(1_000);
  expect(source.calls).toEqual(['node-7 Healthy']);
  publishAlone({ isMute: true });
  await clock.advance(100);
  expect(source.calls).toHaveLength(2);
});
