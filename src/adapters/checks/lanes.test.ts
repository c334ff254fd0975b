import { describe, expect, it } from '@jest/globals';
import { Lanes } from './lanes.ts';

const never = new AbortController().signal;
const hang = (): Promise<never> => new Promise(() => undefined);
const answer = (): Promise<string> => Promise.resolve('done');
/** For a run that is late at once. */
const late = (): AbortSignal => AbortSignal.timeout(20);

describe('lanes', () => {
  it('let one key hang without the others', async () => {
    const lanes = new Lanes(2);
    expect(await lanes.run('/export', hang, late())).toBeUndefined();
    expect(await lanes.run('/run', answer, late())).toBe('done');
    expect(await lanes.run('/run', answer, late())).toBe('done');
  });

  it('take no more than one place for a key that hangs, whoever asks', async () => {
    const lanes = new Lanes(2);
    await Promise.all([1, 2, 3].map(() => lanes.run('/export', hang, late())));
    expect(await lanes.run('/run', answer, never)).toBe('done');
  });

  it('never begin more than the limit, and give the lane back of what did not begin', async () => {
    const lanes = new Lanes(1);
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = lanes.run('/export', () => promise, never);
    expect(await lanes.run('/run', answer, late())).toBeUndefined();
    resolve('answers again');
    expect(await first).toBe('answers again');
    expect(await lanes.run('/run', answer, never)).toBe('done');
  });

  it('are free again after a task that fails', async () => {
    const lanes = new Lanes(1);
    await expect(lanes.run('/run', () => Promise.reject(new Error('no such file')), never)).rejects.toThrow(
      'no such file',
    );
    expect(await lanes.run('/run', answer, never)).toBe('done');
  });
});
