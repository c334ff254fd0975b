import { beforeEach, expect, test } from '@jest/globals';
import type { TaskManifest } from '../../core/manifest.ts';
import type { TaskOrder } from '../../core/tasks/task-book.ts';
import { FakeSource, FakeSourceStore } from '../../testing/fake-source.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { TaskWriter } from './task-writer.ts';

let clock: VirtualClock;
let store: FakeSourceStore;
let ports: RecordedPorts;
let writer: TaskWriter;
let mayWrite: boolean;

const task = (): TaskManifest => {
  const found = store.snapshot().tasks?.[0];
  if (!found) throw new Error('no task');
  return found;
};
const running = (): TaskOrder => ({ act: 'write', task: task(), status: { phase: 'Running', message: 'moving' } });
const done = (): TaskOrder => ({ act: 'write', task: task(), status: { phase: 'Succeeded', message: 'moved' } });

beforeEach(() => {
  clock = new VirtualClock();
  store = new FakeSourceStore();
  store.applyTask('t', { action: 'Failback' });
  ports = new RecordedPorts();
  mayWrite = true;
  writer = new TaskWriter({ clock, log: ports.log, source: new FakeSource(store) }, () => mayWrite);
});

test('writes the newest order, and logs what became of the task', async () => {
  writer.order([running()]);
  await clock.advance(0);
  expect(store.taskStatus('t')).toMatchObject({ phase: 'Running' });
  writer.order([done()]);
  await clock.advance(0);
  expect(store.taskStatus('t')).toMatchObject({ phase: 'Succeeded' });
  expect(ports.lines.map(({ message, fields }) => [message, fields?.['phase']])).toEqual([
    ['task', 'Running'],
    ['task', 'Succeeded'],
  ]);
});

test('what failed is done again when it is ordered again a second later; one line tells of the outage', async () => {
  store.writeError = new Error('away');
  for (let second = 0; second < 3; second++) {
    writer.order([running()]);
    await clock.advance(1_000);
  }
  expect(ports.lines.map(({ level }) => level)).toEqual(['warn', 'debug', 'debug']);
  store.writeError = undefined;
  writer.order([running()]);
  await clock.advance(0);
  expect(store.taskStatus('t')).toMatchObject({ phase: 'Running' });
});

test('who may not write any more writes nothing', async () => {
  mayWrite = false;
  writer.order([running()]);
  await clock.advance(0);
  expect(store.taskStatus('t')).toBeUndefined();
});

test('after a pause nothing of before is written', async () => {
  writer.order([running(), done()]);
  writer.pause();
  await writer.stop();
  expect(store.taskStatus('t')).not.toMatchObject({ phase: 'Succeeded' });
});

test('removes a task', async () => {
  writer.order([{ act: 'remove', task: task() }]);
  await clock.advance(0);
  expect(store.snapshot().tasks).toEqual([]);
});
