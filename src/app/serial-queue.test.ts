import { beforeEach, describe, expect, it } from '@jest/globals';
import { addMs, monotonic, type Monotonic } from '../core/time.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { SerialQueue } from './serial-queue.ts';

const FOREVER = Number.POSITIVE_INFINITY as Monotonic;

let clock: VirtualClock;
let wakeAt: Monotonic;
let seen: string[];

beforeEach(() => {
  clock = new VirtualClock();
  wakeAt = FOREVER;
  seen = [];
});

const queueOf = (handle: (event: string) => void): SerialQueue<string> =>
  new SerialQueue<string>(clock, 'tick', handle, () => wakeAt);

describe('events', () => {
  it('are handled at once', () => {
    const queue = queueOf((event) => seen.push(event));
    queue.push('a');
    expect(seen).toEqual(['a']);
  });

  it('wait while another one is handled, and keep their order', () => {
    const queue = queueOf((event) => {
      seen.push(`${event} begins`);
      if (event === 'a') {
        queue.push('b');
        queue.push('c');
      }
      if (event === 'b') queue.push('d');
      seen.push(`${event} ends`);
    });
    queue.push('a');
    expect(seen).toEqual(['a', 'b', 'c', 'd'].flatMap((event) => [`${event} begins`, `${event} ends`]));
  });

  it('do nothing any more after stop, but those before it are handled', () => {
    const queue = queueOf((event) => {
      seen.push(event);
      if (event !== 'a') return;
      queue.push('b');
      queue.stop();
      queue.push('c');
    });
    queue.push('a');
    queue.push('d');
    expect(seen).toEqual(['a', 'b']);
  });

  it('whose handling fails tell whoever pushed, and harm neither the next event nor the timer', async () => {
    wakeAt = monotonic(10);
    const queue = queueOf((event) => {
      if (event === 'bad') throw new Error('bug');
      seen.push(event);
      if (event === 'tick') wakeAt = FOREVER;
    });
    expect(() => queue.push('bad')).toThrow('bug');
    queue.push('good');
    await clock.advance(10);
    expect(seen).toEqual(['good', 'tick']);
  });
});

describe('the timer', () => {
  it('ticks when the state asks for it, not earlier', async () => {
    wakeAt = monotonic(100);
    const queue = queueOf((event) => {
      seen.push(`${event} ${clock.now()}`);
      if (event === 'tick') wakeAt = FOREVER;
    });
    queue.push('a');
    await clock.advance(99);
    expect(seen).toEqual(['a 0']);
    await clock.advance(1);
    expect(seen).toEqual(['a 0', 'tick 100']);
    expect(clock.pending).toBe(0);
  });

  it('follows when an event changes the time, and there is never more than one', async () => {
    wakeAt = monotonic(100);
    const queue = queueOf((event) => {
      seen.push(`${event} ${clock.now()}`);
      if (event === 'sooner') wakeAt = monotonic(30);
      if (event === 'tick') wakeAt = addMs(clock.now(), 50);
    });
    queue.push('a');
    queue.push('sooner');
    expect(clock.pending).toBe(1);
    await clock.advance(130);
    expect(seen).toEqual(['a 0', 'sooner 0', 'tick 30', 'tick 80', 'tick 130']);
    expect(clock.pending).toBe(1);
  });

  it('ticks in another turn where the time has passed already', async () => {
    await clock.advance(500);
    wakeAt = monotonic(-1);
    const queue = queueOf((event) => {
      seen.push(event);
      if (event === 'tick') wakeAt = FOREVER;
    });
    queue.push('a');
    expect(seen).toEqual(['a']);
    await clock.advance(0);
    expect(seen).toEqual(['a', 'tick']);
  });

  it('is gone after stop', async () => {
    wakeAt = monotonic(10);
    const queue = queueOf((event) => seen.push(event));
    queue.push('a');
    queue.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(seen).toEqual(['a']);
  });
});
