import { expect, it } from '@jest/globals';
import * as neighbours from './neighbours.ts';
import type { Reach, ReachState } from './neighbours.ts';

const followReach = (before: readonly Reach[], told: readonly Reach[], isUsed = true): readonly Reach[] =>
  neighbours.followReach(before, told, () => isUsed);
const on = (state: ReachState, name = 's0'): Reach => ({ interface: name, state });

it.each([
  ['an answer', 'Answered', 'Answered'],
  ['that there is nobody to ask', 'Alone', 'Alone'],
  ['that it does not know, as after a restart', 'Unknown', 'Silent'],
] as const)('a node that was cut off and tells %s', (_, told, expected) => {
  expect(followReach([on('Silent')], [on(told)])).toEqual([on(expected)]);
});

it('a node that was cut off stays so before it has told anything', () => {
  expect(followReach([on('Silent'), on('Answered', 's1')], [])).toEqual([on('Silent')]);
});

it('is not kept cut off where nobody has a use for the interface any more', () => {
  expect(followReach([on('Silent')], [on('Answered', 's1')], false)).toEqual([on('Answered', 's1')]);
});

it('what does not change stays the same object', () => {
  const before = [on('Silent'), on('Suspect', 's1')];
  expect(followReach(before, [on('Unknown'), on('Suspect', 's1')])).toBe(before);
  expect(followReach(before, [on('Answered'), on('Suspect', 's1')])).not.toBe(before);
});
