import { expect, test } from '@jest/globals';
import { nearest } from './suggest.ts';

const FLAGS = ['--lease-duration', '--lease-margin', '--listen', '--log-level', '--log-format', '--labels', '--id'];

test.each([
  ['--lease-duratoin', '--lease-duration'],
  ['--leaseDuration', '--lease-duration'],
  ['--listne', '--listen'],
  ['--loglevel', '--log-level'],
  ['--label', '--labels'],
  ['--LABELS', '--labels'],
])('%s means %s', (word, flag) => {
  expect(nearest(word, FLAGS)).toBe(flag);
});

test.each(['--verbose', '--lease', '--x', '--help'])('%s means nothing known', (word) => {
  expect(nearest(word, FLAGS)).toBeUndefined();
});
