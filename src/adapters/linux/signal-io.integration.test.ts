import { expect, test } from '@jest/globals';
import type { Clock } from '../../ports/clock.ts';
import { monotonic } from '../../core/time.ts';
import { watchReadable } from './signal-io.ts';
import { AF_NETLINK, closeSocket, openSocket } from './sys.ts';

test('reads once a second even where no signal comes, until it is ended', () => {
  const timers: { ms: number; fire: () => void }[] = [];
  const clock: Clock = {
    now: () => monotonic(0),
    wallNow: () => new Date(0),
    after: (ms, fire) => {
      const timer = { ms, fire };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  };
  const next = (): void => timers.shift()?.fire();
  let reads = 0;
  const fd = openSocket(AF_NETLINK, 0);
  try {
    const end = watchReadable(fd, () => void reads++, clock);
    expect(timers.map(({ ms }) => ms)).toEqual([1_000]);
    next();
    next();
    expect(reads).toBe(2);
    end();
    expect(timers).toEqual([]);
  } finally {
    closeSocket(fd);
  }
});
