import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { NO_HEALTH } from './health-spec.ts';
import { poolName } from './ids.ts';
import { NO_RULES } from './placement/rules.ts';
import { parsePool } from './pool-spec.ts';
import type { Parsed, Pool } from './pool.ts';

const parse = (spec: unknown): Parsed<Pool> =>
  parsePool({ name: poolName('nas'), generation: 3, createdAt: '2026-11-21T10:00:00Z', spec });

describe('parsePool', () => {
  test('fills in the defaults', () => {
    expect(parse({ addresses: ['192.0.2.10'] })).toEqual({
      ok: true,
      value: {
        name: 'nas',
        generation: 3,
        createdAt: '2026-11-21T10:00:00Z',
        vips: ['192.0.2.10'],
        interface: { kind: 'matchSubnet' },
        prefixLength: { 4: 32, 6: 128 },
        nodeSelector: {},
        homes: new Map(),
        placement: NO_RULES,
        failback: { policy: 'Automatic', delayMs: 30_000 },
        announce: { count: 5, intervalMs: 1_100, refreshMs: 0 },
        health: NO_HEALTH,
        onQuorumLoss: 'Hold',
      },
    });
  });

  test('durations are whole milliseconds, since the wire carries nothing finer', () => {
    const parsed = parse({ addresses: ['192.0.2.10'], announce: { interval: '1.0004s', refresh: '1.0016s' } });
    expect(parsed).toMatchObject({ value: { announce: { intervalMs: 1_000, refreshMs: 1_002 } } });
  });

  test('reads every field; addresses become canonical and sorted, IPv4 first', () => {
    const spec = {
      addresses: ['2001:DB8::0010', '192.0.2.32/31', '192.0.2.8-192.0.2.10'],
      exclude: ['192.0.2.9'],
      interface: { names: ['bond0', 'eth1'] },
      prefixLength: { ipv4: 24, ipv6: 64 },
      nodeSelector: { matchLabels: { role: 'nas' } },
      placement: { homes: { '2001:db8:0::10': 'node-a' } },
      failback: { policy: 'Manual', delay: '1m30s' },
      announce: { count: 3, interval: '200ms', refresh: '1m' },
      onQuorumLoss: 'Hold',
    };
    expect(parse(spec)).toMatchObject({
      ok: true,
      value: {
        vips: ['192.0.2.8', '192.0.2.10', '192.0.2.32', '192.0.2.33', '2001:db8::10'],
        interface: { kind: 'names', names: ['bond0', 'eth1'] },
        prefixLength: { 4: 24, 6: 64 },
        nodeSelector: { role: 'nas' },
        homes: new Map([['2001:db8::10', 'node-a']]),
        failback: { policy: 'Manual', delayMs: 90_000 },
        announce: { count: 3, intervalMs: 200, refreshMs: 60_000 },
        onQuorumLoss: 'Hold',
      },
    });
  });

  test('a field without a value, as in "exclude:", is a field left out', () => {
    const empty = { exclude: null, interface: null, nodeSelector: { matchLabels: null }, placement: { homes: null } };
    expect(parse({ addresses: ['192.0.2.10'], ...empty })).toEqual(parse({ addresses: ['192.0.2.10'] }));
  });

  test('names every problem at once, each with its place', () => {
    const spec = {
      addresses: ['192.0.2.300', '192.0.2.2-192.0.2.1'],
      failback: { delay: 'soon' },
      announce: { count: 0 },
      onQuorumLoss: 'hold',
    };
    const parsed = parse(spec);
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      'spec.addresses[0]',
      'spec.addresses[1]',
      'spec.failback.delay',
      'spec.onQuorumLoss',
      'spec.announce.count',
    ]);
  });

  test('does not blame homes while the addresses are wrong themselves', () => {
    const parsed = parse({ addresses: ['192.0.2.300'], placement: { homes: { '192.0.2.1': 'node-a' } } });
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: 'spec.addresses[0]' }] });
  });

  test.each([undefined, null, 7, 'text', [], true])('refuses the spec %j', (spec) => {
    expect(parse(spec)).toMatchObject({ ok: false });
  });

  test('never throws, whatever the spec, and what it accepts has addresses', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('192.0.2.10', '192.0.2.0/24', '::/0', '30s', '__proto__'));
    const fields = ['addresses', 'exclude', 'interface', 'placement', 'failback', 'announce', 'nodeSelector'] as const;
    const spec = fc.record(
      Object.fromEntries(
        fields.map((name) => [name, fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value))]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(spec, (candidate) => {
        const parsed = parse(candidate);
        expect(parsed.ok ? parsed.value.vips.length : parsed.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
