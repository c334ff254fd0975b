import { expect, test } from '@jest/globals';
import { poolName } from '../core/ids.ts';
import { OpError } from '../core/op-error.ts';
import { sourceContract } from './contract/source.contract.ts';
import { FakeSource, FakeSourceStore } from './fake-source.ts';
import { SnapshotRecorder } from './snapshot-recorder.ts';

sourceContract('in memory', async () => {
  const store = new FakeSourceStore();
  return {
    countsNodeEdits: false,
    newSource: () => new FakeSource(store),
    apply: async (name, spec) => store.apply(name, spec),
    applyNode: async (name, spec) => store.applyNode(name, spec),
    applyTask: async (name, spec) => store.applyTask(name, spec),
    deleteTask: async (name) => store.deleteTask(name),
    remove: async (name) => store.remove(name),
    dispose: async () => undefined,
  };
});

test('writes fail while the store says so, and faults reach whoever runs', async () => {
  const store = new FakeSourceStore();
  store.apply('nas', {});
  const recorder = new SnapshotRecorder(new FakeSource(store)).start();
  await recorder.untilPool('nas');
  store.writeError = new OpError('Unavailable', 'away');
  await expect(recorder.source.writePoolStatus(poolName('nas'), {})).rejects.toThrow('away');
  store.fault(store.writeError);
  expect(recorder.faults).toEqual([store.writeError]);
});

test('problems are part of the snapshot', async () => {
  const store = new FakeSourceStore();
  const recorder = new SnapshotRecorder(new FakeSource(store)).start();
  store.setProblems([{ where: 'nas.yaml:7', message: 'not valid YAML' }], false);
  const snapshot = await recorder.until('the problem', ({ complete }) => !complete);
  expect(snapshot.problems).toEqual([{ where: 'nas.yaml:7', message: 'not valid YAML' }]);
});
