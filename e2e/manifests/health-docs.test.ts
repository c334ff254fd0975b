import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { CHECK_TYPES } from '../../src/core/health-messages.ts';
import { poolName } from '../../src/core/ids.ts';
import { parseNodeSettings } from '../../src/core/node-settings.ts';
import { parsePool } from '../../src/core/pool-spec.ts';
import type { Parsed } from '../../src/core/pool.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/health-checks.md'), 'utf8');
const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

interface Block {
  readonly kind?: string;
  readonly spec?: unknown;
  readonly checks?: readonly { readonly type: string }[];
}

/** A whole manifest, or what stands under `spec.health`. */
function parseBlock(block: Block): Parsed<unknown> {
  if (block.kind === 'NodeHealth') return parseNodeSettings(block.spec);
  const spec = block.kind === 'VipPool' ? block.spec : { addresses: ['192.0.2.10'], health: block };
  return parsePool({ name: poolName('nas'), generation: 1, createdAt: '2026-11-21T10:00:00Z', spec });
}

describe('docs/health-checks.md', () => {
  test.each(blocks)('has a block that is read: %s', (block) => {
    expect(parseBlock(parse(block) as Block)).toMatchObject({ ok: true });
  });

  test('has a heading and an example for each type', () => {
    const shown = blocks.flatMap((block) => (parse(block) as Block).checks?.map(({ type }) => type) ?? []);
    for (const type of CHECK_TYPES) {
      expect(text).toContain(`\n### ${type}\n`);
      expect(shown).toContain(type);
    }
  });

  test('tells what is said about a misspelt type in the words of the parser', () => {
    const parsed = parseBlock({ checks: [{ type: 'htpp' }] });
    const said = parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
    const [quoted = ''] = /spec\.health\.checks\[0\]\.type: [^`]+/.exec(text) ?? [];
    expect(said.some((line) => line.startsWith(quoted))).toBe(true);
  });
});
