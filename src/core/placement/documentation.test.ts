import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { poolName } from '../ids.ts';
import { parsePool } from '../pool-spec.ts';
import { Reason } from '../reasons.ts';

const text = readFileSync(new URL('../../../docs/placement.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/```yaml\n([^`]+)```/g)].map(([, yaml = '']) => yaml);

describe('docs/placement.md', () => {
  test.each(blocks)('this example is accepted: %s', (yaml) => {
    const spec = { addresses: ['192.0.2.10-192.0.2.15'], ...(parse(yaml) as object) };
    const manifest = { name: poolName('nas'), generation: 1, createdAt: '2026-01-01T00:00:00Z', spec };
    expect(parsePool(manifest)).toMatchObject({ ok: true });
  });

  test('every field of spec.placement has an example', () => {
    const fields = new Set(blocks.flatMap((yaml) => Object.keys((parse(yaml) as { placement: object }).placement)));
    const all = ['weights', 'maxPerNode', 'zoneKey', 'groups', 'homes', 'preferredNodes', 'follow', 'capacity'];
    expect([...fields].sort()).toEqual(all.sort());
  });

  test('the reasons that it names exist', () => {
    const [, table = ''] = text.split('## Reasons');
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.length).toBeGreaterThan(15);
    for (const name of named) expect(Object.values(Reason)).toContain(name);
  });
});
