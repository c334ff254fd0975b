import { expect, it } from '@jest/globals';
import { programMemoryKib } from './program-memory.ts';

it.each([
  ['as the chart has it', 384 * 2 ** 20, 96 * 1_024],
  ['large', 2 ** 40, 512 * 1_024],
  ['not set, as the kernel tells it', 2 ** 64, 512 * 1_024],
  ['not known', 0, 512 * 1_024],
  ['of no round size', 399_998_977, 97_656],
])('a program has a quarter of the limit of the container, and 512 MiB at most: %s', (_name, limit, expected) => {
  expect(programMemoryKib(limit)).toBe(expected);
});
