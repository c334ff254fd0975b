import { expect, it } from '@jest/globals';
import { lease, term } from '../../testing/core-builders.ts';
import { controllerId } from '../ids.ts';
import { initialAgent } from './agent-state.ts';
import { toAll } from './reports.ts';

const [C1, C2, C3] = [controllerId('c-1'), controllerId('c-2'), controllerId('c-3')];
const goodbye = { kind: 'goodbye', reason: '' } as const;

const receivers = (master: string): unknown[] => {
  const reign = term(1);
  const highestTerm = { ...reign, instance: { ...reign.instance, id: controllerId(master) } };
  const state = { ...initialAgent(lease('life')), connected: new Set([C1, C2, C3]), highestTerm };
  return toAll(state, goodbye).map((effect) => 'controller' in effect && effect.controller);
};

it('tells the master first', () => {
  expect(receivers('c-2')).toEqual([C2, C1, C3]);
});

it('tells every controller that is there, and nobody else', () => {
  expect(receivers('c-9')).toEqual([C1, C2, C3]);
});
