import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Check, CheckProbe } from '../core/checks.ts';
import { poolName } from '../core/ids.ts';
import { parsePool } from '../core/pool-spec.ts';

const DOCUMENT = new URL('../../docs/health-checks.md', import.meta.url);

const text = (): string => readFileSync(DOCUMENT, 'utf8');
const blocksOf = (language: string): string[] =>
  [...text().matchAll(new RegExp(`\\n\`\`\`${language}\\n([^\`]+)\`\`\``, 'g'))].map(([, block = '']) => block);

/** What stands in a block under `spec.health`. */
function checksOf(block: string): readonly Check[] {
  const spec = { addresses: ['192.0.2.10'], health: parse(block) as unknown };
  const parsed = parsePool({ name: poolName('nas'), generation: 1, createdAt: '2026-01-01T00:00:00Z', spec });
  return parsed.ok ? parsed.value.health.checks : [];
}

/** What the example under the heading of this type looks at. @throws Error where there is none, or it is refused */
export function documentedProbe<T extends CheckProbe['type']>(type: T): Extract<CheckProbe, { type: T }> {
  const [, section = ''] = text().split(`\n### ${type}\n`);
  const [, example = ''] = /```yaml\n([^`]+)```/.exec(section) ?? [];
  const probe = checksOf(example)[0]?.probe;
  if (probe?.type !== type) throw new Error(`${DOCUMENT.pathname} has no example of ${type} that is accepted`);
  return probe as Extract<CheckProbe, { type: T }>;
}

/** The check of that name, wherever it stands. @throws Error where there is none, or it is refused */
export function documentedCheck(name: string): Check {
  const found = blocksOf('yaml')
    .flatMap(checksOf)
    .find((check) => check.name === name);
  if (!found) throw new Error(`${DOCUMENT.pathname} has no check ${name} that is accepted`);
  return found;
}

/** The shell block that has this in it. @throws Error where there is none */
export function documentedShell(words: string): string {
  const found = blocksOf('sh').find((block) => block.includes(words));
  if (found === undefined) throw new Error(`${DOCUMENT.pathname} has no shell block with ${words}`);
  return found;
}
