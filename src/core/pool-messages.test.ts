import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import {
  belongsElsewhere,
  HEALTH_MESSAGES,
  HEALTH_PATTERNS,
  MAX_COMMAND_ENTRIES,
  MAX_POOL_CHECKS,
  TYPES_OF_FIELD,
} from './health-messages.ts';
import type { TypedField } from './health-messages.ts';
import { MAX_ADDRESS_ENTRIES, MAX_POOL_ADDRESSES, SCHEMA_MESSAGES } from './pool-messages.ts';
import { MAX_HISTORY } from './status-bounds.ts';
import { parseDuration } from './time.ts';

const schema = parse(readFileSync(new URL('../../crds/vippool.io_vippools.yaml', import.meta.url), 'utf8')) as unknown;

/** Every value of `key` in a tree. */
function collect(tree: unknown, key: string): unknown[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, child]) => (name === key ? [child] : collect(child, key)));
}

const rules = collect(schema, 'x-kubernetes-validations').flat() as { rule: string; message: string }[];

describe('messages', () => {
  test('the API server and the controller say the same words', () => {
    const misplaced = (Object.keys(TYPES_OF_FIELD) as TypedField[]).map(belongsElsewhere);
    const ours = [...Object.values(SCHEMA_MESSAGES), ...Object.values(HEALTH_MESSAGES), ...misplaced];
    expect(new Set(rules.map(({ message }) => message))).toEqual(new Set(ours));
  });

  test('the API server and the controller take the same texts for durations', () => {
    const rule = rules.find(({ message }) => message === SCHEMA_MESSAGES.duration)?.rule;
    const pattern = new RegExp(/^self\.matches\('(.+)'\)$/.exec(rule ?? '')?.[1] ?? 'no pattern');
    const part = fc.constantFrom('0', '1', '30', '1.5', '.', '-', ' ', 'h', 'm', 's', 'ms', 'd', '5s', '100ms');
    const text = fc.oneof(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(fc.property(text, (candidate) => pattern.test(candidate) === (parseDuration(candidate) !== undefined)));
  });

  test.each(Object.entries(HEALTH_PATTERNS))(
    'the API server and the controller use one pattern for %s',
    (_, pattern) => {
      expect(rules.some(({ rule }) => rule.includes(`matches('${pattern}')`))).toBe(true);
    },
  );

  test('the API server and the controller agree which types have which field', () => {
    for (const [field, types] of Object.entries(TYPES_OF_FIELD)) {
      const { rule = '' } = rules.find(({ message }) => message === belongsElsewhere(field as TypedField)) ?? {};
      expect(rule.startsWith(`!has(self.${field}) || self.type `)).toBe(true);
      expect([...rule.matchAll(/'([a-z]+)'/g)].map(([, type]) => type)).toEqual(types);
    }
  });

  test('the limits in the texts are the limits in force', () => {
    const blockRule = rules.find(({ message }) => message === SCHEMA_MESSAGES.blockTooLarge)?.rule;
    expect(blockRule).toContain(`${32 - Math.log2(MAX_POOL_ADDRESSES)} : ${128 - Math.log2(MAX_POOL_ADDRESSES)}`);
    expect(rules.find(({ message }) => message === SCHEMA_MESSAGES.rangeTooLarge)?.rule).toContain(
      `< ${MAX_POOL_ADDRESSES})`,
    );
    expect(SCHEMA_MESSAGES.rangeTooLarge).toContain(` ${MAX_POOL_ADDRESSES} `);
    expect(collect(schema, 'maxItems')).toContain(MAX_ADDRESS_ENTRIES);
    expect(collect(schema, 'maxItems')).toContain(MAX_POOL_CHECKS);
    expect(collect(schema, 'maxItems')).toContain(MAX_HISTORY);
    expect(collect(schema, 'maxItems')).toContain(MAX_COMMAND_ENTRIES);
    expect(collect(schema, 'maxProperties')).toContain(MAX_POOL_ADDRESSES);
  });
});
