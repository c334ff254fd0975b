import { describe, expect, it } from '@jest/globals';
import { check, link, nodeEntry, pool, term } from '../testing/core-builders.ts';
import { checkName } from './checks.ts';
import { NO_HEALTH, type HealthSpec } from './health-spec.ts';
import { poolName } from './ids.ts';
import type { InterfaceState } from './messages.ts';
import { nextConfig, type SentConfig } from './node-config.ts';
import type { Neighbours } from './neighbours.ts';
import { NO_SETTINGS, type NodeSettings } from './node-settings.ts';
import type { Pool } from './pool.ts';
import { monotonic } from './time.ts';

const repair = { command: ['/checks/mend'], attempts: 1, deadlineMs: 10_000, windowMs: 600_000 };
const withHealth = (health: Partial<HealthSpec>, over: Partial<Pool> = {}): Pool =>
  pool({ health: { ...NO_HEALTH, checks: [check('nfs')], ...health }, ...over });

interface Case {
  readonly before?: SentConfig;
  readonly pools?: readonly Pool[];
  readonly settings?: NodeSettings;
  readonly session?: number;
  readonly labels?: Record<string, string>;
  readonly at?: number;
  readonly neighbours?: readonly Neighbours[];
  readonly interfaces?: readonly InterfaceState[];
}
const labels = {};
const NOBODY: readonly Neighbours[] = [];
const INTERFACES = [link()];
const next = ({
  before,
  pools = [withHealth({})],
  settings = NO_SETTINGS,
  session = 1,
  at = 0,
  neighbours = NOBODY,
  interfaces = INTERFACES,
  ...over
}: Case) =>
  nextConfig(
    before,
    { ...nodeEntry('node-a', { labels: over.labels ?? labels, interfaces }), session },
    settings,
    neighbours,
    pools,
    false,
    term(3),
    monotonic(at),
  );

describe('what a node is told to check', () => {
  it('is the checks and repairs of the pools that it belongs to', () => {
    const other = withHealth({ repair }, { name: poolName('web'), nodeSelector: { role: 'web' } });
    const { config } = next({ pools: [withHealth({ repair }), other] });
    expect(config).toMatchObject({ term: term(3), version: 1, checks: [check('nfs')], logLevel: undefined });
    expect([...config.repairs]).toEqual([['nas', repair]]);
    expect(next({ pools: [withHealth({}), other], labels: { role: 'web' } }).config.checks).toHaveLength(2);
  });

  it('is changed by what is declared of the node', () => {
    const override = { pool: undefined, name: checkName('nfs'), disabled: false, intervalMs: 500 };
    const { config } = next({ settings: { ...NO_SETTINGS, logLevel: 'debug', checks: [override] } });
    expect(config).toMatchObject({ logLevel: 'debug', checks: [{ intervalMs: 500, timeoutMs: 500 }] });
  });

  it('is told once on each stream, and a new version of it only when it changes', () => {
    const first = next({});
    expect(next({ before: first }).config).toBe(first.config);
    const again = next({ before: first, session: 2 });
    expect(again).toMatchObject({ session: 2, config: { version: 1 } });
    const changed = next({ before: again, session: 2, pools: [withHealth({ checks: [check('smb')] })] });
    expect(changed.config.version).toBe(2);
    expect(next({ before: changed, session: 2, pools: [] }).config).toMatchObject({ version: 3, checks: [] });
  });

  it('is another version where the interface of its VIPs is another one', () => {
    const gateway = check('gw', { probe: { type: 'gateway', address: '192.0.2.254', interface: '' } });
    const pools = [withHealth({ checks: [gateway] }, { interface: { kind: 'names', names: ['s0', 's1'] } })];
    const on = (...names: readonly string[]): InterfaceState[] =>
      ['s0', 's1'].map((name) => link({ name, carrier: names.includes(name) }));
    const first = next({ pools, interfaces: on('s0', 's1') });
    expect([...first.config.serviceInterfaces]).toEqual([['nas', ['s0']]]);
    expect(next({ before: first, pools, interfaces: on('s0') }).config).toBe(first.config);
    const { config } = next({ before: first, pools, interfaces: on('s1') });
    expect([config.version, ...config.serviceInterfaces]).toEqual([2, ['nas', ['s1']]]);
  });

  it('asks for a check since the stream was first told of it', () => {
    const first = next({ at: 100 });
    const more = next({ before: first, at: 200, pools: [withHealth({ checks: [check('nfs'), check('smb')] })] });
    expect([...more.since]).toEqual([
      ['nas/nfs', 100],
      ['nas/smb', 200],
    ]);
    expect([...next({ before: more, session: 2, at: 300 }).since]).toEqual([['nas/nfs', 300]]);
  });
});
