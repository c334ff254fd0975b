import { describe, expect, test } from '@jest/globals';
import { n } from '../../testing/core-builders.ts';
import type { NodeRecord } from '../manifest.ts';
import { readSnapshot } from './pools.ts';

const read = (...nodes: NodeRecord[]): ReturnType<typeof readSnapshot> =>
  readSnapshot(undefined, { pools: [], nodes, problems: [], complete: true });

describe('nodes on record', () => {
  test('are those that were ever heard of: one that is only declared is no member of a pool', () => {
    const declared: NodeRecord = { name: n('node-a'), spec: { maintenance: true }, status: undefined };
    const reported: NodeRecord = { name: n('node-b'), spec: {}, status: { phase: 'Unreachable' } };
    const heard: NodeRecord = { name: n('node-c'), status: { phase: 'Unreachable', labels: {} } };
    expect([...read(declared, reported, heard).records]).toEqual([['node-c', {}]]);
  });

  test('have what was declared of them, heard or not', () => {
    const { nodeSpecs } = read({ name: n('node-a'), spec: { maintenance: true }, status: undefined });
    expect(nodeSpecs.get(n('node-a'))?.settings).toMatchObject({ maintenance: true });
  });
});
