import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  it('are given in order, each as soon as one is given back', async () => {
    const slots = new Slots(2, 2);
    const first = await slots.take(false, never);
    await slots.take(false, never);
    const order: string[] = [];
    const third = slots.take(false, never).then((release) => (order.push('third'), release));
    void slots.take(false, never).then(() => order.push('fourth'));
    expect([order, slots.taken]).toEqual([[], 2]);
    first?.();
    (await third)?.();
    await Promise.resolve();
    await Promise.resolve();
    expect([order, slots.taken]).toEqual([['third', 'fourth'], 2]);
  });

  it('are never all taken by what is slow', async () => {
    const slots = new Slots(2, 1);
    const slow = await slots.take(true, never);
    let second = false;
    void slots.take(true, never).then(() => (second = true));
    // Comes later, and overtakes.
    const quick = await slots.take(false, never);
    expect([second, slots.taken]).toEqual([false, 2]);
    quick?.();
    await Promise.resolve();
    expect(second).toBe(false);
    slow?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(second).toBe(true);
  });

  it('are not kept for whoever gave up waiting', async () => {
    const slots = new Slots(1, 1);
    const first = await slots.take(false, never);
    const controller = new AbortController();
    const given = slots.take(false, controller.signal);
    controller.abort();
    expect(await given).toBeUndefined();
    expect(await slots.take(false, controller.signal)).toBeUndefined();
    first?.();
    expect(slots.taken).toBe(0);
    expect(await slots.take(false, never)).toBeDefined();
  });
});
