import { describe, expect, it } from '@jest/globals';
import { failed, passed } from './outcome.ts';

describe('outcome of a probe', () => {
  it('keeps the last line that says something', () => {
    expect(passed('first\nsecond \r\n\n  \n')).toEqual({ ok: true, output: 'second', certain: false });
  });

  it('keeps 200 characters, and none of them halved', () => {
    const { output } = failed('😀'.repeat(300));
    expect(output).toBe('😀'.repeat(200));
  });

  it('keeps control characters away from the terminals of people', () => {
    expect(failed('\u001b[31mred\u0007').output).toBe('[31mred');
  });

  it('is certain only where the probe says so', () => {
    expect([failed('gone', true).certain, failed('late').certain, failed('').output]).toEqual([true, false, '']);
  });
});
