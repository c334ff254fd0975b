import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NodeHealthStatus, VipPoolStatus } from '../../core/api/types.gen.ts';
import { nodeName, poolName } from '../../core/ids.ts';
import type { Source, SourceSnapshot } from '../../ports/source.ts';
import { SnapshotRecorder } from '../snapshot-recorder.ts';
import { taskPromises } from './source-tasks.contract.ts';

/** One place where pools are declared, empty at first, and what its author does there. */
export interface SourceHarness {
  /** Another adapter on the same place, as a second controller or a restarted one has it. */
  newSource(): Source;
  /** Whether edits of a NodeHealth are counted. */
  readonly countsNodeEdits: boolean;
  apply(name: string, spec: unknown): Promise<void>;
  remove(name: string): Promise<void>;
  /** A NodeHealth. */
  applyNode(name: string, spec: unknown): Promise<void>;
  /** A VipTask. */
  applyTask(name: string, spec: unknown): Promise<void>;
  deleteTask(name: string): Promise<void>;
  dispose(): Promise<void>;
}

const spec = (...addresses: string[]): Record<string, unknown> => ({
  addresses,
  failback: { policy: 'Automatic', delay: '30s' },
});
const NAS = poolName('nas');
const WITHIN_MS = 30_000;

const poolStatus = (assigned: number): VipPoolStatus => ({
  observedGeneration: 1,
  total: 2,
  assigned,
  nodes: 1,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'AllBound',
      message: 'every address is bound',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 1,
    },
  ],
  bindings: [
    {
      address: '192.0.2.10',
      node: 'node-a',
      interface: 'eth1',
      state: 'Bound',
      since: '2026-01-01T00:00:00Z',
      term: 3,
      reason: 'Home',
    },
  ],
});

const nodeStatus = (phase: NodeHealthStatus['phase']): NodeHealthStatus => ({
  phase,
  agentVersion: '0.1.0',
  labels: { role: 'nas' },
  interfaces: [{ name: 'eth1', mac: '02:00:00:00:00:01', carrier: true, addresses: ['192.0.2.1/24'] }],
  vips: ['192.0.2.10'],
  vipCount: 1,
});

/** What every Source promises; `open` makes an empty place for one test. */
export function sourceContract(title: string, open: () => Promise<SourceHarness>): void {
  describe(`Source contract: ${title}`, () => {
    let harness: SourceHarness;
    let started: SnapshotRecorder[] = [];

    const startSource = (): SnapshotRecorder => {
      const recorder = new SnapshotRecorder(harness.newSource()).start();
      started.push(recorder);
      return recorder;
    };

    beforeEach(async () => {
      harness = await open();
    }, WITHIN_MS);

    afterEach(async () => {
      await Promise.all(started.map((recorder) => recorder.source.stop()));
      started = [];
      await harness.dispose();
    }, WITHIN_MS);

    const promise = (sentence: string, act: () => Promise<void>): void => test(sentence, act, WITHIN_MS);

    promise('the first snapshot of an empty place is whole and empty', async () => {
      const recorder = startSource();
      const snapshot = await recorder.until('a snapshot', () => true);
      expect(snapshot).toMatchObject({ pools: [], nodes: [], problems: [], complete: true });
      expect(snapshot.tasks ?? []).toEqual([]);
      expect(recorder.faults).toEqual([]);
    });

    promise('the first snapshot holds all that is there', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      await harness.apply('db', spec('192.0.2.20'));
      const recorder = startSource();
      await recorder.until('a snapshot', () => true);
      expect(recorder.snapshots[0]?.pools.map(({ name }) => name)).toEqual(['db', 'nas']);
    });

    promise('a new pool appears as it was written', async () => {
      const recorder = startSource();
      await recorder.until('a snapshot', () => true);
      await harness.apply('nas', spec('192.0.2.10', '2001:db8::10'));
      const pool = await recorder.untilPool('nas');
      expect(pool).toMatchObject({ generation: 1, deleting: false, status: undefined });
      expect(pool.spec).toMatchObject(spec('192.0.2.10', '2001:db8::10'));
      expect(pool.uid).not.toBe('');
      expect(Number.isNaN(Date.parse(pool.createdAt))).toBe(false);
    });

    promise('an edited spec has a higher generation and the same uid', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      const before = await recorder.untilPool('nas');
      await harness.apply('nas', spec('192.0.2.11'));
      const after = await recorder.untilPool('nas', ({ generation }) => generation > before.generation);
      expect(after.spec).toMatchObject(spec('192.0.2.11'));
      expect(after).toMatchObject({ generation: 2, uid: before.uid, createdAt: before.createdAt });
    });

    promise('a pool that was never protected disappears when it is removed', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      await recorder.untilPool('nas');
      await harness.remove('nas');
      await recorder.until('no pool', ({ pools }) => pools.length === 0);
    });

    promise('a protected pool stays as deleting until it is finalized', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      const before = await recorder.untilPool('nas');
      await recorder.source.protect(NAS);
      await recorder.source.protect(NAS);
      await harness.remove('nas');
      const deleting = await recorder.untilPool('nas', (pool) => pool.deleting);
      expect(deleting).toMatchObject({ uid: before.uid, spec: before.spec });
      await recorder.source.finalize(NAS);
      await recorder.until('no pool', ({ pools }) => pools.length === 0);
      await recorder.source.finalize(NAS);
      expect(recorder.faults).toEqual([]);
    });

    promise('finalize leaves a pool alone that nobody removed', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      await recorder.untilPool('nas');
      await recorder.source.protect(NAS);
      await recorder.source.finalize(NAS);
      await harness.apply('nas', spec('192.0.2.11'));
      const pool = await recorder.untilPool('nas', ({ generation }) => generation === 2);
      expect(pool.deleting).toBe(false);
      await harness.remove('nas');
      await recorder.untilPool('nas', ({ deleting }) => deleting);
    });

    promise('a name that was finalized can be used again, for another pool', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      const first = await recorder.untilPool('nas');
      await recorder.source.protect(NAS);
      await recorder.source.writePoolStatus(NAS, poolStatus(1));
      await harness.remove('nas');
      await recorder.untilPool('nas', ({ deleting }) => deleting);
      await recorder.source.finalize(NAS);
      await recorder.until('no pool', ({ pools }) => pools.length === 0);
      await harness.apply('nas', spec('192.0.2.10'));
      const second = await recorder.untilPool('nas');
      expect(second).toMatchObject({ generation: 1, deleting: false, status: undefined });
      expect(second.uid).not.toBe(first.uid);
    });

    promise('a status is read back as it was written, and replaced as a whole', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const recorder = startSource();
      await recorder.untilPool('nas');
      await recorder.source.protect(NAS);
      await recorder.source.writePoolStatus(NAS, poolStatus(1));
      const pool = await recorder.untilPool('nas', ({ status }) => status?.assigned === 1);
      expect(pool.status).toEqual(poolStatus(1));
      expect(pool.generation).toBe(1);
      await recorder.source.writePoolStatus(NAS, { total: 2, assigned: 0 });
      const replaced = await recorder.untilPool('nas', ({ status }) => status?.assigned === 0);
      expect(replaced.status).toEqual({ total: 2, assigned: 0 });
    });

    promise('other controllers see the status', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const [master, standby] = [startSource(), startSource()];
      await master.untilPool('nas');
      await standby.untilPool('nas');
      await master.source.protect(NAS);
      for (const assigned of [1, 2]) {
        await master.source.writePoolStatus(NAS, poolStatus(assigned));
        const [own, other] = await Promise.all(
          [master, standby].map((recorder) => recorder.untilPool('nas', ({ status }) => status?.assigned === assigned)),
        );
        expect(other).toEqual(own);
      }
    });

    promise('the status of a pool that has gone is no error', async () => {
      const recorder = startSource();
      await recorder.until('a snapshot', () => true);
      await recorder.source.writePoolStatus(NAS, poolStatus(1));
      await recorder.source.protect(NAS);
      await recorder.source.finalize(NAS);
      await harness.apply('db', spec('192.0.2.20'));
      await recorder.untilPool('db');
      expect(recorder.latest?.pools.map(({ name }) => name)).toEqual(['db']);
    });

    promise('the first status of a node creates its record, the next replaces it', async () => {
      const [recorder, other] = [startSource(), startSource()];
      await recorder.until('a snapshot', () => true);
      const node = nodeName('node-a.example.com');
      await recorder.source.writeNodeStatus(node, nodeStatus('Healthy'));
      await recorder.until('the node', ({ nodes }) => nodes[0]?.status?.phase === 'Healthy');
      expect(recorder.latest?.nodes.map(({ name, status }) => ({ name, status }))).toEqual([
        { name: node, status: nodeStatus('Healthy') },
      ]);
      await recorder.source.writeNodeStatus(node, { phase: 'Unreachable' });
      await other.until('the node', ({ nodes }) => nodes[0]?.status?.phase === 'Unreachable');
      expect(other.latest?.nodes[0]?.status).toEqual({ phase: 'Unreachable' });
    });

    promise(
      'what is declared of a node is there before it has a status, and stays when statuses are written',
      async () => {
        const recorder = startSource();
        await recorder.until('a snapshot', () => true);
        const node = nodeName('node-a');
        await harness.applyNode('node-a', { maintenance: true, checks: [{ name: 'nfs', interval: '5s' }] });
        const specOf = ({ nodes }: SourceSnapshot): unknown => nodes.find(({ name }) => name === node)?.spec;
        const statusOf = ({ nodes }: SourceSnapshot): unknown => nodes.find(({ name }) => name === node)?.status;
        const declared = await recorder.until('the node', (snapshot) => specOf(snapshot) !== undefined);
        expect(declared.nodes).toHaveLength(1);
        expect(specOf(declared)).toEqual({ maintenance: true, checks: [{ name: 'nfs', interval: '5s' }] });
        expect(statusOf(declared)).toBeUndefined();
        await recorder.source.writeNodeStatus(node, nodeStatus('Unreachable'));
        const written = await recorder.until('its status', (snapshot) => statusOf(snapshot) !== undefined);
        expect(specOf(written)).toBe(specOf(declared));
        await harness.applyNode('node-a', { weight: 50 });
        const edited = await recorder.until(
          'the edit',
          (snapshot) => JSON.stringify(specOf(snapshot)) === '{"weight":50}',
        );
        expect(statusOf(edited)).toEqual(nodeStatus('Unreachable'));
        await recorder.source.writeNodeStatus(node, nodeStatus('Healthy'));
        const latest = await startSource().until('the node', ({ nodes }) => nodes[0]?.status?.phase === 'Healthy');
        expect(specOf(latest)).toEqual({ weight: 50 });
      },
    );

    promise('the generation of a node, where it is counted, grows with its spec and with nothing else', async () => {
      const recorder = startSource();
      const node = nodeName('node-a');
      const generation = ({ nodes }: SourceSnapshot): unknown => nodes[0]?.generation;
      const specIs = async (text: string): Promise<unknown> =>
        generation(await recorder.until(text, ({ nodes }) => JSON.stringify(nodes[0]?.spec) === text));
      await harness.applyNode('node-a', { maintenance: true });
      const declared = await specIs('{"maintenance":true}');
      await recorder.source.writeNodeStatus(node, nodeStatus('Maintenance'));
      const written = generation(await recorder.until('its status', ({ nodes }) => nodes[0]?.status !== undefined));
      await harness.applyNode('node-a', { maintenance: false });
      const edited = await specIs('{"maintenance":false}');
      expect([declared, written, edited]).toEqual(
        harness.countsNodeEdits ? [1, 1, 2] : [undefined, undefined, undefined],
      );
    });

    taskPromises({ promise, startSource, harness: () => harness });

    promise('a restarted source sees the same, with the same generation', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      const first = startSource();
      await first.untilPool('nas');
      await harness.apply('nas', spec('192.0.2.11'));
      await first.untilPool('nas', ({ generation }) => generation === 2);
      await first.source.protect(NAS);
      await first.source.writePoolStatus(NAS, poolStatus(1));
      const before = await first.untilPool('nas', ({ status }) => status?.assigned === 1);
      await first.source.stop();
      const second = startSource();
      expect(await second.untilPool('nas')).toEqual(before);
    });

    promise('what happens while no source runs is seen by the next one', async () => {
      await harness.apply('nas', spec('192.0.2.10'));
      await harness.apply('db', spec('192.0.2.20'));
      const first = startSource();
      await first.until('both pools', ({ pools }) => pools.length === 2);
      await first.source.protect(NAS);
      await first.source.protect(poolName('db'));
      await first.source.stop();
      await harness.remove('nas');
      await harness.apply('db', spec('192.0.2.21'));
      const second = startSource();
      expect(await second.untilPool('nas')).toMatchObject({ deleting: true });
      expect(await second.untilPool('db')).toMatchObject({ deleting: false, generation: 2 });
    });

    promise('a burst of 200 edits ends in the last one, and no snapshot goes back', async () => {
      const recorder = startSource();
      await recorder.until('a snapshot', () => true);
      for (let edit = 0; edit < 200; edit++) {
        await harness.apply(edit % 2 === 0 ? 'nas' : 'db', spec('192.0.2.10', `2001:db8::${edit.toString(16)}`));
      }
      const last = (name: string, edit: number): Promise<unknown> =>
        recorder.untilPool(name, (pool) => JSON.stringify(pool.spec).includes(`2001:db8::${edit.toString(16)}"`));
      await last('nas', 198);
      await last('db', 199);
      for (const name of ['nas', 'db']) {
        const seen = recorder.snapshots.flatMap(({ pools }) => pools.filter((pool) => pool.name === name));
        const generations = seen.map(({ generation }) => generation);
        expect(generations).toEqual([...generations].sort((a, b) => a - b));
      }
    });

    promise('nothing is said after stop', async () => {
      const [stopped, running] = [startSource(), startSource()];
      await stopped.until('a snapshot', () => true);
      await stopped.source.stop();
      const before = stopped.snapshots.length;
      await harness.apply('nas', spec('192.0.2.10'));
      await running.untilPool('nas');
      expect(stopped.snapshots.length).toBe(before);
      expect(stopped.faults).toEqual([]);
    });

    promise('a source that is stopped right after its start says nothing', async () => {
      const recorder = startSource();
      await recorder.source.stop();
      await startSource().until('a snapshot', () => true);
      expect(recorder.snapshots).toEqual([]);
      expect(recorder.faults).toEqual([]);
    });
  });
}
