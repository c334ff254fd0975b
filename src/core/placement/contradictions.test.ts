import { expect, it } from '@jest/globals';
import { poolName } from '../ids.ts';
import { parsePool } from '../pool-spec.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;

/** What is said of rules of a pool with three addresses. */
function problems(placement: object): string[] {
  const spec = { addresses: [A, B, C], placement };
  const parsed = parsePool({ name: poolName('nas'), generation: 1, createdAt: '2026-01-01T00:00:00Z', spec });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}
const group = (policy: string, name: string, ...members: string[]): object => ({ name, members, policy });

it.each<[string, object, string]>([
  [
    'groups that contradict each other',
    { groups: [group('Together', 'one', A, B), group('Apart', 'two', A, B, C)] },
    `spec.placement.groups[1]: ${A} and ${B} shall be apart here and together in group one: remove one of them from one of the two groups`,
  ],
  [
    'homes that a group forbids',
    { groups: [group('Apart', 'pair', A, B)], homes: { [A]: 'node-1', [B]: 'node-1' } },
    `spec.placement.groups[0]: ${A} and ${B} shall be apart and both have the home node-1: give one of them another home`,
  ],
  [
    'homes apart of what stays together',
    { groups: [group('Together', 'pair', A, B)], homes: { [A]: 'node-1', [B]: 'node-2' } },
    `spec.placement.groups[0]: ${A} and ${B} shall be together and have the homes node-1 and node-2: give both the same home, or only one of them a home`,
  ],
  [
    'a home of weight 0',
    { weights: [{ node: 'node-1', weight: 0 }], homes: { [A]: 'node-1' } },
    `node-1 has weight 0 and is the home of ${A}: give it a weight above 0, or the address another home`,
  ],
  [
    'weights that leave nobody',
    { weights: [{ matchLabels: {}, weight: 0 }] },
    'spec.placement.weights[0]: weight 0 for every node leaves nobody to hold the pool: give some nodes a weight above 0 in an earlier entry, or choose fewer nodes here',
  ],
])('%s are refused, with what to write instead', (_, placement, text) => {
  expect(problems(placement)).toEqual([expect.stringContaining(text)]);
});

it('what is possible is taken', () => {
  const groups = [group('Together', 'one', A, B), group('Apart', 'two', B, C)];
  const weights = [
    { node: 'node-1', weight: 50 },
    { matchLabels: {}, weight: 0 },
  ];
  expect(problems({ groups, weights, homes: { [A]: 'node-1', [B]: 'node-1' } })).toEqual([]);
});
