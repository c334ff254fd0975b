import { expect, it } from '@jest/globals';
import { FAULTS } from './faults/index.ts';
import { parseOptions } from './options.ts';
import { groupsOf } from './run.ts';

it('tries everything five times in two profiles unless told otherwise', () => {
  expect(parseOptions({})).toEqual({
    runs: 5,
    faults: FAULTS,
    profiles: ['default', 'fast'],
    systems: ['vippool', 'keepalived', 'ctdb'],
    awayMs: 4_000,
  });
  expect(
    parseOptions({ RUNS: '2', ONLY: 'poweroff, freeze', PROFILES: 'turbo', SYSTEMS: 'vippool', AWAY: '300' }),
  ).toMatchObject({
    runs: 2,
    faults: [{ name: 'poweroff' }, { name: 'freeze' }],
    profiles: ['turbo'],
    systems: ['vippool'],
    awayMs: 300_000,
  });
});

it('takes an empty variable for none, not for nothing to try', () => {
  const empty = { RUNS: '', ONLY: '', PROFILES: ' ', SYSTEMS: ',', AWAY: '' };
  expect(parseOptions(empty)).toEqual(parseOptions({}));
});

it.each([
  [{ RUNS: '0' }, 'RUNS: a whole number'],
  [{ RUNS: 'x' }, 'RUNS: a whole number'],
  [{ ONLY: 'poweroff,fire' }, 'no fault "fire"; known are: none kill'],
  [{ PROFILES: 'Default' }, 'PROFILES: "Default" is none of default, fast, turbo'],
  [{ SYSTEMS: 'ucarp' }, 'SYSTEMS: "ucarp" is none of vippool, keepalived, ctdb'],
])('refuses %j', (variables, message) => {
  expect(() => parseOptions(variables)).toThrow(message);
});

it('puts what can share a lab together, a peer beside ours, and knows no turbo of peers', () => {
  const options = { ONLY: 'poweroff,master-kill,api-down,thousand-poweroff', PROFILES: 'fast,turbo' };
  const groups = groupsOf(parseOptions(options)).map(({ system, profile, stage, faults }) =>
    [system, profile, stage, ...faults.map(({ name }) => name)].join(' '),
  );
  expect(groups).toEqual([
    'vippool fast hosts poweroff master-kill',
    'vippool fast kubernetes api-down',
    'vippool fast thousand thousand-poweroff',
    'keepalived fast hosts poweroff',
    'ctdb fast hosts poweroff',
    'vippool turbo hosts poweroff master-kill',
    'vippool turbo kubernetes api-down',
    'vippool turbo thousand thousand-poweroff',
  ]);
});
