import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CheckProbe } from '../core/checks.ts';
import { poolName } from '../core/ids.ts';
import { parsePool } from '../core/pool-spec.ts';

const DOCUMENT = new URL('../../docs/health-checks.md', import.meta.url);

/** What the example under the heading of this type looks at. @throws Error where there is none, or it is refused */
export function documentedProbe<T extends CheckProbe['type']>(type: T): Extract<CheckProbe, { type: T }> {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split(`\n### ${type}\n`);
  const [, example = ''] = /```yaml\n([^`]+)```/.exec(section) ?? [];
  const spec = { addresses: ['192.0.2.10'], health: parse(example) as unknown };
  const parsed = parsePool({ name: poolName('nas'), generation: 1, createdAt: '2026-01-01T00:00:00Z', spec });
  const probe = parsed.ok ? parsed.value.health.checks[0]?.probe : undefined;
  if (probe?.type !== type) throw new Error(`${DOCUMENT.pathname} has no example of ${type} that is accepted`);
  return probe as Extract<CheckProbe, { type: T }>;
}
