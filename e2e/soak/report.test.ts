import { expect, test } from '@jest/globals';
import { complaints, type SoakRun, soakTable } from './report.ts';

const quiet: SoakRun = {
  profile: 'Fast',
  load: 'busy',
  seconds: 600,
  moves: 0,
  leaseEnds: 0,
  revocations: 0,
  restarts: 0,
  masterChanges: 0,
  twoHoldersMs: 0,
  worstOutageMs: 4,
  worstTimerLatenessMs: 20,
  worstRoundTripMs: undefined,
  clientLatenessMs: 3,
  log: [],
};

test('nothing is said of a run in which nothing happened', () => {
  expect(complaints([quiet])).toEqual([]);
});

test.each([
  [{ moves: 2 }, 'Fast busy: 2 moves'],
  [{ leaseEnds: 1 }, 'Fast busy: 1 lease ends'],
  [{ revocations: 3 }, 'Fast busy: 3 revocations'],
  [{ restarts: 1 }, 'Fast busy: 1 restarts'],
  [{ masterChanges: 2 }, 'Fast busy: 2 changes of master'],
  [{ twoHoldersMs: 10 }, 'Fast busy: 10 ms of two holders'],
])('%j must not happen', (over, complaint) => {
  expect(complaints([quiet, { ...quiet, ...over }])).toEqual([complaint]);
});

test('Turbo is reported and not judged', () => {
  const turbo: SoakRun = { ...quiet, profile: 'Turbo', moves: 9 };
  expect(complaints([turbo])).toEqual([]);
  expect(soakTable([turbo]).split('\n')[1]).toMatch(/^Turbo \(not judged\) +busy +600 +9 .*<= 20 +beyond$/);
});
