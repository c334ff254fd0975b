import { expect, it } from '@jest/globals';
import { CLUSTER_FAULTS } from './faults.ts';
import { parseOptions } from './options.ts';

it('tries every fault three times on clusters of three and of five nodes unless told otherwise', () => {
  const usual = {
    runs: 3,
    nodes: [3, 5],
    faults: CLUSTER_FAULTS,
    profiles: ['default'],
    awayMs: 4_000,
    noonMs: 600_000,
  };
  expect(parseOptions({})).toEqual(usual);
  expect(parseOptions({ RUNS: '', NODES: '', ONLY: '', PROFILES: '', AWAY: '', NOON: '' })).toEqual(usual);
  expect(
    parseOptions({ RUNS: '1', NODES: '4', ONLY: 'freeze, partition', PROFILES: 'fast', AWAY: '300', NOON: '20' }),
  ).toMatchObject({
    runs: 1,
    nodes: [4],
    faults: [{ name: 'freeze' }, { name: 'partition' }],
    profiles: ['fast'],
    awayMs: 300_000,
    noonMs: 1_200_000,
  });
});

it.each([
  [{ RUNS: '0' }, 'RUNS: "0" is no whole number from 1, for example RUNS=1'],
  [{ NODES: '3,2' }, 'NODES: "2" is no whole number from 3, for example NODES=3'],
  [{ ONLY: 'flood' }, 'no fault "flood"; known are: none poweroff'],
  [{ PROFILES: 'slow' }, 'PROFILES: "slow" is none of default, fast, turbo'],
  [{ AWAY: 'long' }, 'AWAY: "long" is no whole number from 1'],
  [{ NOON: '0' }, 'NOON: "0" is no whole number from 1'],
])('refuses %j', (variables, message) => {
  expect(() => parseOptions(variables)).toThrow(message);
});
