import { beforeEach, expect, test } from '@jest/globals';
import { poolName, type PoolName } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { DaemonPod, PoolProtection } from '../../ports/pool-protection.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { unprotect, type UnprotectReport } from './unprotect.ts';

const TIMEOUT_MS = 10_000;
const AGENT: DaemonPod = { name: 'vip/agent-x', node: 'node-a', graceMs: undefined };
const [GOING, STAYING] = [poolName('going'), poolName('staying')];

let clock: VirtualClock;
let pools: Map<PoolName, { readonly deleting: boolean }>;
let daemons: readonly DaemonPod[];
/** Pools that nobody may change. */
let locked: readonly PoolName[];

const protection: PoolProtection = {
  protectedPools: async () => [...pools].map(([name, { deleting }]) => ({ name, deleting })),
  daemons: async () => daemons,
  unprotect: async (name) => {
    if (locked.includes(name)) throw new OpError('PermissionDenied', 'not allowed');
    pools.delete(name);
  },
  close: () => Promise.resolve(),
};

beforeEach(() => {
  clock = new VirtualClock();
  pools = new Map([
    [GOING, { deleting: true }],
    [STAYING, { deleting: false }],
  ]);
  daemons = [];
  locked = [];
});

/** What it comes to while `meanwhile` happens one second after its start. */
async function run(meanwhile: () => void = () => undefined): Promise<UnprotectReport> {
  const work = unprotect(protection, clock, TIMEOUT_MS);
  clock.after(1_000, meanwhile);
  await clock.advance(TIMEOUT_MS + 1_000);
  return work;
}

test('every pool is unprotected, removed or not', async () => {
  const unprotected = [
    { name: GOING, deleting: true },
    { name: STAYING, deleting: false },
  ];
  expect(await run()).toEqual({ kind: 'tried', unprotected, failed: [], overdue: [] });
  expect(pools.size).toBe(0);
});

test('agents are waited for, and nothing is done before they have ended', async () => {
  daemons = [AGENT];
  const report = await run(() => {
    expect(pools.size).toBe(2);
    daemons = [];
  });
  expect(report).toMatchObject({ kind: 'tried', failed: [] });
  expect(pools.size).toBe(0);
});

test('a pool that its master still releases is not told', async () => {
  daemons = [AGENT];
  const report = await run(() => {
    pools.delete(GOING);
    daemons = [];
  });
  expect(report).toMatchObject({ unprotected: [{ name: STAYING }] });
});

test('while one of them stays every pool stays protected', async () => {
  daemons = [AGENT];
  expect(await run()).toEqual({ kind: 'refused', daemons: [AGENT] });
  expect(pools.size).toBe(2);
});

test('whoever was told to end is waited for as long as it may take, and no longer: its node does not answer', async () => {
  const ending = { ...AGENT, graceMs: 3_000 };
  daemons = [ending];
  const report = await run(() => expect(pools.size).toBe(2));
  expect(report).toMatchObject({ kind: 'tried', failed: [], overdue: [ending] });
  expect(pools.size).toBe(0);
});

test('whoever may take longer than we wait keeps every pool protected', async () => {
  daemons = [{ ...AGENT, graceMs: TIMEOUT_MS }];
  expect(await run()).toMatchObject({ kind: 'refused' });
});

test('nobody is waited for where no pool is protected', async () => {
  daemons = [AGENT];
  pools.clear();
  expect(await unprotect(protection, clock, TIMEOUT_MS)).toMatchObject({ kind: 'tried', unprotected: [] });
});

test('a pool that cannot be changed is told, and the others are unprotected', async () => {
  locked = [GOING];
  expect(await run()).toEqual({
    kind: 'tried',
    unprotected: [{ name: STAYING, deleting: false }],
    failed: [{ pool: { name: GOING, deleting: true }, why: 'not allowed' }],
    overdue: [],
  });
});

test('what cannot be read ends it', async () => {
  const away = { ...protection, daemons: () => Promise.reject(new OpError('Unavailable', 'no answer')) };
  await expect(unprotect(away, clock, TIMEOUT_MS)).rejects.toThrow('no answer');
  expect(pools.size).toBe(2);
});
