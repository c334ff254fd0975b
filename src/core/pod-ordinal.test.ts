import { describe, expect, it } from '@jest/globals';
import { controllerId } from './ids.ts';
import { ordinalOf, staying } from './pod-ordinal.ts';

describe('the pods of a StatefulSet', () => {
  it.each([
    ['vippool-controller-0', 0],
    ['vippool-controller-12', 12],
    ['c1', undefined],
    ['a-01', undefined],
    ['a-', undefined],
  ])('%s has the number %s', (id, ordinal) => {
    expect(ordinalOf(id)).toBe(ordinal);
  });

  it('are fewer from the highest number down', () => {
    const pods = [0, 1, 2].map((number) => ({ id: controllerId(`c-${number}`), address: `c-${number}:7480` }));
    expect(staying(pods, 1)).toEqual(pods.slice(0, 1));
    expect(staying(pods, 3)).toEqual(pods);
  });
});
