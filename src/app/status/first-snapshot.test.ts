import { expect, test } from '@jest/globals';
import { monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Source, SourceSnapshot } from '../../ports/source.ts';
import { firstSnapshot } from './first-snapshot.ts';

const SNAPSHOT: SourceSnapshot = { pools: [], nodes: [], problems: [], complete: true };
const LATER: SourceSnapshot = { ...SNAPSHOT, complete: false };

/** A clock whose only timer fires when the test says so. */
function manualClock() {
  const timers: { readonly ms: number; fire: () => void; cancelled: boolean }[] = [];
  const clock: Clock = {
    now: () => monotonic(0),
    wallNow: () => new Date(0),
    after(ms, fire) {
      const timer = { ms, fire, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
  return { clock, timers };
}

/** A source that does in start() what `behave` says. */
function fakeSource(behave: Source['start']) {
  const state = { stopped: 0 };
  const none = (): Promise<void> => Promise.resolve();
  const source: Source = {
    start: behave,
    protect: none,
    finalize: none,
    writePoolStatus: none,
    writeNodeStatus: none,
    readTasks: () => undefined,
    writeTaskStatus: none,
    removeTask: none,
    stop() {
      state.stopped++;
      return Promise.resolve();
    },
  };
  return { source, state };
}

test('takes the first snapshot, and leaves neither timer nor source behind', async () => {
  const { clock, timers } = manualClock();
  const { source, state } = fakeSource((onSnapshot) => {
    onSnapshot(SNAPSHOT);
    onSnapshot(LATER);
  });
  expect(await firstSnapshot(source, clock, 500)).toBe(SNAPSHOT);
  expect(timers).toEqual([expect.objectContaining({ ms: 500, cancelled: true })]);
  expect(state.stopped).toBe(1);
});

test('throws the first fault', async () => {
  const { source, state } = fakeSource((_, onFault) => onFault(new Error('no server')));
  await expect(firstSnapshot(source, manualClock().clock, 500)).rejects.toThrow('no server');
  expect(state.stopped).toBe(1);
});

test('gives up after the timeout', async () => {
  const { clock, timers } = manualClock();
  const { source, state } = fakeSource(() => undefined);
  const reading = firstSnapshot(source, clock, 500);
  timers[0]?.fire();
  await expect(reading).rejects.toMatchObject({ code: 'DeadlineExceeded' });
  expect(state.stopped).toBe(1);
});
