import { expect, test } from '@jest/globals';
import type { Crd, Schema } from './crd.ts';
import { generateTypes } from './types.ts';

const pair = (type: Schema['type']): Schema => ({
  title: 'Pair',
  type: 'object',
  description: 'Two of a kind.',
  required: ['left'],
  properties: { left: { type }, right: { type } },
});

const crd = (status: Readonly<Record<string, Schema>>): Crd => ({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  shortNames: [],
  scope: 'Cluster',
  columns: [],
  schema: { type: 'object', properties: { status: { title: 'ThingStatus', type: 'object', properties: status } } },
});

test('one read-only interface for each titled schema, however often it occurs', async () => {
  const ipv4: Schema = { type: 'string', enum: ['On', 'Off'] };
  const fields: Readonly<Record<string, Schema>> = {
    ipv4,
    pair: pair('integer'),
    pairs: { type: 'array', items: pair('integer') },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  };
  expect(await generateTypes([crd(fields)], 'src/core/api/types.gen.ts'))
    .toBe(`// Generated from crds/ by \`make generate\`.

/**
 * Two of a kind.
 */
export interface Pair {
  readonly left: number;
  readonly right?: number;
}

export interface ThingStatus {
  readonly ipv4?: 'On' | 'Off';
  /**
   * Two of a kind.
   */
  readonly pair?: Pair;
  /**
   * Items: Two of a kind.
   */
  readonly pairs?: readonly Pair[];
  readonly labels?: {
    readonly [k: string]: string;
  };
}
`);
});

test('two schemas with one title that differ are an error', async () => {
  const generated = generateTypes([crd({ a: pair('integer'), b: pair('string') })], 'src/core/api/types.gen.ts');
  await expect(generated).rejects.toThrow('two different schemas have the title Pair');
});
