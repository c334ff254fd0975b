import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { HEALTH_MESSAGES, HEALTH_PATTERNS } from './health-messages.ts';
import { NODE_MESSAGES, POOL_NAME_PATTERN } from './node-messages.ts';
import { SCHEMA_MESSAGES } from './pool-messages.ts';

const schema = parse(
  readFileSync(new URL('../../crds/vippool.io_nodehealths.yaml', import.meta.url), 'utf8'),
) as unknown;

/** Every rule of a schema. */
function rulesIn(tree: unknown): { rule: string; message: string }[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, child]) =>
    name === 'x-kubernetes-validations' ? (child as { rule: string; message: string }[]) : rulesIn(child),
  );
}

test('the API server and the controller say the same words about a node', () => {
  const { checkName, intervalRange, timeoutRange, timeoutAboveInterval } = HEALTH_MESSAGES;
  const ours = [checkName, intervalRange, timeoutRange, timeoutAboveInterval, SCHEMA_MESSAGES.duration];
  expect(new Set(rulesIn(schema).map(({ message }) => message))).toEqual(
    new Set([...Object.values(NODE_MESSAGES), ...ours]),
  );
});

test.each([POOL_NAME_PATTERN, HEALTH_PATTERNS.checkName])('the API server and the controller share %s', (pattern) => {
  expect(rulesIn(schema).map(({ rule }) => rule)).toContain(`self.matches('${pattern}')`);
});
