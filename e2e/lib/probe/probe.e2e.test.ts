import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { describeWith, missingNetworkNamespaces } from '../../../src/testing/requirements.ts';
import type { Scenario, Seen } from './probe-scenario.ts';
import type { Holders, VipProbes } from './index.ts';

const PROGRAM = fileURLToPath(new URL('probe-scenario.ts', import.meta.url));
const ISOLATED = ['--net', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];
const VIPS = ['192.0.2.50', '2001:db8::50'];
const TIMEOUT_MS = 60_000;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const of = (seen: readonly Seen[], vip: string): Seen[] => seen.filter((one) => one.vip === vip);
const probes = ({ vip, probes }: Seen): VipProbes => {
  const found = probes.vips[vip];
  if (!found) throw new Error(`no probes of ${vip}`);
  return found;
};
const holders = ({ vip, holders }: Seen): Holders => {
  const found = holders.vips[vip];
  if (!found) throw new Error(`no holders of ${vip}`);
  return found;
};

describeWith(missingNetworkNamespaces(), 'the probes of the lab', () => {
  let scenario: Scenario;

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)('unshare', [...ISOLATED, process.execPath, PROGRAM], {
      maxBuffer: 1 << 26,
    });
    scenario = JSON.parse(stdout) as Scenario;
  }, TIMEOUT_MS);

  test.each(VIPS)('see nothing where nothing happens to %s', (vip) => {
    for (const seen of scenario.idle.map((one) => ({ ...one, vip }))) {
      expect(probes(seen).outageMs).toBeLessThan(30);
      expect(probes(seen)).toMatchObject({ flaps: 0, hosts: [{ host: 'h1' }] });
      expect(holders(seen)).toMatchObject({ twoHoldersMs: 0, now: ['h1'] });
      expect(holders(seen).noHolderMs).toBeLessThan(30);
    }
  });

  test.each(VIPS)('measure how long %s was away', (vip) => {
    const seen = of(scenario.removed, vip);
    expect(seen).toHaveLength(3);
    expect(Math.abs(median(seen.map((one) => probes(one).longestOutageMs)) - 200)).toBeLessThanOrEqual(25);
    expect(Math.abs(median(seen.map((one) => holders(one).noHolderMs)) - 200)).toBeLessThanOrEqual(25);
    expect(seen.map((one) => holders(one).twoHoldersMs)).toEqual([0, 0, 0]);
  });

  test.each(VIPS)('measure how long two hosts had %s, though the client saw one', (vip) => {
    const seen = of(scenario.shared, vip);
    expect(seen).toHaveLength(3);
    expect(Math.abs(median(seen.map((one) => holders(one).twoHoldersMs)) - 300)).toBeLessThanOrEqual(40);
    for (const one of seen) {
      expect(holders(one).noHolderMs).toBeLessThan(30);
      expect(holders(one).runs).toContainEqual(expect.objectContaining({ hosts: ['h1', 'h2'] }));
      expect(probes(one).hosts.map(({ host }) => host)).toEqual(['h1']);
    }
  });

  test.each(VIPS)('tell which host answered for %s', (vip) => {
    for (const one of of(scenario.moved, vip)) {
      expect(probes(one).hosts.map(({ host }) => host)).toEqual(['h1', 'h2', 'h1']);
      expect(probes(one).flaps).toBe(1);
      expect(holders(one).twoHoldersMs).toBe(0);
    }
  });

  test.each(VIPS)('do not take a sleep of their own for an outage of %s', (vip) => {
    for (const seen of scenario.stopped.map((one) => ({ ...one, vip }))) {
      expect(probes(seen).outageMs).toBeLessThan(30);
      expect(seen.probes.ownLateness.longestMs).toBeGreaterThan(100);
    }
  });

  test('see a host whose power is cut', () => {
    for (const one of scenario.poweredOff) {
      expect(Math.abs(holders(one).noHolderMs - 300)).toBeLessThanOrEqual(60);
      expect(probes(one).longestOutageMs).toBeGreaterThan(270);
    }
  });

  test('go on asking on a port that was made anew', () => {
    expect(scenario.newPort).toEqual(['h1', 'h2']);
  });

  test('leave no trace with the client', () => {
    expect(scenario.neighbours).toContain('192.0.2.50');
    expect(scenario.neighbours).not.toMatch(/192\.0\.2\.254|fe80::fe /);
  });
});
