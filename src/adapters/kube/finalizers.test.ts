import { expect, test } from '@jest/globals';
import { addFinalizer, removeFinalizer, takeFinalizer } from './finalizers.ts';
import { FINALIZER, parseObject, type KubeObject } from './objects.ts';

const object = (finalizers: readonly string[], deletionTimestamp?: string): KubeObject =>
  parseObject({ metadata: { name: 'nas', resourceVersion: '7', finalizers, deletionTimestamp } }) as KubeObject;
const GONE = '2026-01-01T00:00:00Z';

test.each([
  ['none', [], [FINALIZER]],
  ['those of others', ['a/b'], ['a/b', FINALIZER]],
])('ours is added to %s, guarded by the version', (_, before, after) => {
  expect(addFinalizer(object(before))).toEqual({ metadata: { resourceVersion: '7', finalizers: after } });
});

test('ours is not added twice, nor to an object that goes', () => {
  expect(addFinalizer(object(['a/b', FINALIZER]))).toBeUndefined();
  expect(addFinalizer(object(['a/b'], GONE))).toBeUndefined();
});

test('ours alone is taken from an object that goes', () => {
  expect(removeFinalizer(object(['a/b', FINALIZER, 'c/d'], GONE))).toEqual({
    metadata: { resourceVersion: '7', finalizers: ['a/b', 'c/d'] },
  });
});

test('nothing is taken from an object that stays, or that does not have ours', () => {
  expect(removeFinalizer(object([FINALIZER]))).toBeUndefined();
  expect(removeFinalizer(object(['a/b'], GONE))).toBeUndefined();
});

test('ours is taken from an object that stays where nobody is left to release it', () => {
  const taken = { metadata: { resourceVersion: '7', finalizers: ['a/b'] } };
  expect(takeFinalizer(object(['a/b', FINALIZER]))).toEqual(taken);
  expect(takeFinalizer(object(['a/b', FINALIZER], GONE))).toEqual(taken);
  expect(takeFinalizer(object(['a/b']))).toBeUndefined();
});
