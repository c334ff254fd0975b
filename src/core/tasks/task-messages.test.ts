import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { NODE_MESSAGES, POOL_NAME_PATTERN } from '../node-messages.ts';
import { SCHEMA_MESSAGES } from '../pool-messages.ts';
import { TASK_MESSAGES } from './task-messages.ts';

const schema = parse(
  readFileSync(new URL('../../../crds/vippool.io_viptasks.yaml', import.meta.url), 'utf8'),
) as unknown;

/** Every rule of a schema. */
function rulesIn(tree: unknown): { rule: string; message: string }[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, child]) =>
    name === 'x-kubernetes-validations' ? (child as { rule: string; message: string }[]) : rulesIn(child),
  );
}

test('the API server and the controller say the same words about a task', () => {
  const { duration, nodeName } = SCHEMA_MESSAGES;
  expect(new Set(rulesIn(schema).map(({ message }) => message))).toEqual(
    new Set([...Object.values(TASK_MESSAGES), NODE_MESSAGES.poolName, nodeName, duration]),
  );
});

test('the API server and the controller share the pattern for names', () => {
  expect(rulesIn(schema).map(({ rule }) => rule)).toContain(`self.matches('${POOL_NAME_PATTERN}')`);
});
