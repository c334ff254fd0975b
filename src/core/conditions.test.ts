import { expect, test } from '@jest/globals';
import { condition } from './conditions.ts';
import { Reason } from './reasons.ts';

const THEN = '2026-01-01T00:00:00Z';
const NOW = '2026-01-01T00:01:00Z';
const verdict = { type: 'Ready', status: 'True', reason: Reason.AllBound, message: 'well' } as const;
const moving = { type: 'Ready', status: 'False', reason: Reason.Progressing, message: 'not yet' } as const;

test('the transition time moves only when the status does', () => {
  const before = condition(verdict, undefined, 1, THEN);
  expect(before).toEqual({ ...verdict, lastTransitionTime: THEN, observedGeneration: 1 });
  expect(condition({ ...verdict, message: 'very well' }, [before], 2, NOW).lastTransitionTime).toBe(THEN);
  expect(condition(moving, [before], 2, NOW).lastTransitionTime).toBe(NOW);
});

test('a message that is too long is cut, so that the status still fits into its object', () => {
  const { message } = condition({ ...verdict, message: `first ${'x'.repeat(100_000)}` }, undefined, undefined, NOW);
  expect(message).toHaveLength(4_096);
  expect(message).toMatch(/^first x+\.\.\.$/);
});
