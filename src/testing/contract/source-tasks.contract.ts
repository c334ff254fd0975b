import { expect } from '@jest/globals';
import type { SourceSnapshot, TaskManifest } from '../../ports/source.ts';
import type { SnapshotRecorder } from '../snapshot-recorder.ts';
import type { SourceHarness } from './source.contract.ts';

/** Where the promises of one test file are made. */
interface Stage {
  readonly promise: (sentence: string, act: () => Promise<void>) => void;
  readonly startSource: () => SnapshotRecorder;
  /** That of the test that runs. */
  readonly harness: () => SourceHarness;
}

const TASK = 'move-1';
const MOVE = { action: 'Move', address: '192.0.2.10', node: 'node-a', ttlAfterFinished: '1h' };

/** What every Source promises about VipTasks. */
export function taskPromises({ promise, startSource, harness }: Stage): void {
  const taskIn = ({ tasks = [] }: SourceSnapshot): TaskManifest | undefined => tasks.find(({ name }) => name === TASK);
  const untilTask = async (recorder: SnapshotRecorder, phase?: string): Promise<TaskManifest> => {
    const is = (task: TaskManifest | undefined): boolean => task !== undefined && task.status?.phase === phase;
    return taskIn(await recorder.until(`the task, ${phase}`, (snapshot) => is(taskIn(snapshot)))) as TaskManifest;
  };

  promise('a task appears as it was written, and its status is seen by every source', async () => {
    const [first, second] = [startSource(), startSource()];
    await first.until('a snapshot', () => true);
    await harness().applyTask(TASK, MOVE);
    const task = await untilTask(first);
    expect(task).toMatchObject({ spec: MOVE, deleting: false });
    expect(Number.isNaN(Date.parse(task.createdAt))).toBe(false);
    expect(await untilTask(second)).toEqual(task);
    await first.source.writeTaskStatus(task, { phase: 'Running' });
    const running = await untilTask(second, 'Running');
    expect(running).toEqual({ ...task, status: { phase: 'Running' } });
    await first.source.stop();
    expect(await untilTask(startSource(), 'Running')).toEqual(running);
  });

  promise('tasks that are read anew bear the mark, and show what others have written before', async () => {
    const [first, second] = [startSource(), startSource()];
    await harness().applyTask(TASK, MOVE);
    await first.source.writeTaskStatus(await untilTask(first), { phase: 'Succeeded' });
    second.source.readTasks('1/c2');
    second.source.readTasks('3/c2');
    const read = await second.until('the mark', ({ tasksAsOf }) => tasksAsOf === '3/c2');
    expect(taskIn(read)?.status).toEqual({ phase: 'Succeeded' });
    expect(first.latest?.tasksAsOf).toBeUndefined();
  });

  promise('a removed task is gone, and another one of its name is another one', async () => {
    const recorder = startSource();
    await harness().applyTask(TASK, MOVE);
    const old = await untilTask(recorder);
    await recorder.source.writeTaskStatus(old, { phase: 'Succeeded' });
    const known = await untilTask(recorder, 'Succeeded');
    await recorder.source.removeTask(known);
    await recorder.until('it is gone, or on its way', (snapshot) => taskIn(snapshot)?.deleting !== false);
    await recorder.source.removeTask(known);
    await recorder.until('it is gone', (snapshot) => !taskIn(snapshot));
    await recorder.source.removeTask(known);
    await harness().applyTask(TASK, { action: 'Failback' });
    const next = await untilTask(recorder);
    expect(next.uid).not.toBe(old.uid);
    await recorder.source.writeTaskStatus(old, { phase: 'Failed' });
    await recorder.source.removeTask(old);
    expect((await untilTask(startSource())).status).toBeUndefined();
    await recorder.source.writeTaskStatus(next, { phase: 'Running' });
    expect(await untilTask(recorder, 'Running')).toMatchObject({ uid: next.uid });
  });

  promise('a task that its author removes goes, and takes its status with it', async () => {
    const recorder = startSource();
    await harness().applyTask(TASK, MOVE);
    await recorder.source.writeTaskStatus(await untilTask(recorder), { phase: 'Running' });
    const running = await untilTask(recorder, 'Running');
    await harness().deleteTask(TASK);
    await recorder.until('it is gone, or its record is left', (snapshot) => taskIn(snapshot)?.deleting !== false);
    await recorder.source.removeTask(running);
    await recorder.until('it is gone', (snapshot) => !taskIn(snapshot));
    await harness().applyTask(TASK, { ...MOVE, dryRun: true });
    expect((await untilTask(recorder)).status).toBeUndefined();
  });
}
