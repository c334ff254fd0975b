import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { CUT_OFF_BOUNDS_MS, TAKEOVER_BOUNDS_MS, TIMING_PROFILES, type TimingProfile } from '../../src/core/timing.ts';
import { faultNamed } from './faults/index.ts';
import { PROFILES, timingOf } from './promises.ts';

const rowsOf = (document: string): string[][] =>
  readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const text = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

/** The first cell of a row of docs/failure-model.md, and the faults that are judged by it. */
const PROMISED: Readonly<Record<string, string>> = {
  'power-off, kernel crash': 'poweroff no-power',
  'agent killed': 'kill kill-all',
  'agent frozen': 'freeze master-holder-freeze',
  'service NIC down': 'svc-down nic-unplugged',
  'process of a service ended': 'service-crash smb-killed',
  'service network of a node carries nothing, its carrier stays': 'svc-blackhole svc-mute svc-deaf',
  'management network of a node lost': 'mgmt-down mgmt-blackhole mgmt-mute mgmt-deaf',
  partition: 'partition master-partition',
  'host of the master lost, with VIPs on it': 'master-holder-poweroff master-no-power',
  'host of 1,000 VIPs lost': 'thousand-poweroff',
  'host of 1,000 VIPs lost, 200 of them IPv6': 'thousand-mixed-poweroff',
  'planned move, drain, agent stopped': 'move stop shut-down reboot maintenance master-shut-down master-reboot',
};

const cases = Object.entries(PROMISED).flatMap(([row, faults]) =>
  faults.split(' ').map((fault) => [fault, row] as const),
);

it.each(cases)('%s is judged by what docs/failure-model.md promises: %s', (fault, row) => {
  const cells = rowsOf('failure-model.md').find(([, first]) => first === row);
  expect(cells?.slice(2, 5)).toEqual(PROFILES.map((profile) => text(faultNamed(fault).promised(profile))));
});

it('counts from the last one where two faults come together', () => {
  const cells = rowsOf('failure-model.md').find(([, first]) => first === 'most nodes of a pool lost within one lease');
  const afterLast = PROFILES.map(
    (profile) => faultNamed('two-faults').promised(profile) - timingOf(profile).leaseMs / 2,
  );
  expect(cells?.slice(2, 5)).toEqual(afterLast.map(text));
});

const PROFILE_NAMES = Object.keys(TIMING_PROFILES) as TimingProfile[];

it.each([
  ['operations.md', 4, TAKEOVER_BOUNDS_MS],
  ['networks.md', 4, CUT_OFF_BOUNDS_MS],
] as const)('docs/%s has the same bounds', (document, column, bounds) => {
  const seen = PROFILE_NAMES.map((name) => rowsOf(document).find(([, first]) => first === `\`${name}\``)?.[column]);
  expect(seen).toEqual(PROFILE_NAMES.map((name) => text(bounds[name])));
});
