import { describe, expect, it } from '@jest/globals';
import { n, nodeEntry, pool, term, v } from '../../testing/core-builders.ts';
import type { NodeName } from '../ids.ts';
import { NO_SETTINGS, type NodeSettings } from '../node-settings.ts';
import { NO_RULES } from '../placement/rules.ts';
import type { Pool } from '../pool.ts';
import type { BindingView, PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';
import { stranded } from './stranded.ts';

const NODES = new Map(
  [nodeEntry('a', { labels: { disk: 'hdd' } }), nodeEntry('b')].map((entry) => [entry.node, entry]),
);

const view = (...held: readonly (readonly [node: string, state: BindingView['state']])[]): PoolView => ({
  pool: pool().name,
  generation: 1,
  term: term(1),
  readyNodes: 2,
  bindings: held.map(([node, state], index) => ({
    vip: v(`192.0.2.${index + 1}`),
    node: n(node),
    home: undefined,
    interface: 's0',
    state,
    reason: Reason.Kept,
  })),
  refusals: [],
  rivals: [],
  holdingOn: [],
});
const only =
  (name: string, over: Partial<NodeSettings>) =>
  (node: NodeName): NodeSettings =>
    node === name ? { ...NO_SETTINGS, ...over } : NO_SETTINGS;
const told = (of: Pool, seen: PoolView, settings: (node: NodeName) => NodeSettings): string | undefined => {
  const verdict = stranded(of, seen, NODES, settings);
  return verdict && `${verdict.type}=${verdict.status} ${verdict.reason}: ${verdict.message}`;
};

describe('VIPs that stay where they should not be', () => {
  it('are told of a drained node', () => {
    expect(told(pool(), view(['a', 'Bound'], ['b', 'Bound']), only('a', { maintenance: true }))).toBe(
      'Degraded=True Maintenance: VIPs stay on a, which is drained, because no other node can hold them: ' +
        'end the maintenance of a node, or add one',
    );
  });

  it.each([
    ['for all pools', pool(), only('a', { weight: 0 })],
    [
      'by its labels',
      pool({
        placement: { ...NO_RULES, weights: [{ nodes: { kind: 'labels', labels: { disk: 'hdd' } }, weight: 0 }] },
      }),
      only('nobody', {}),
    ],
  ])('are told of a node of weight 0 %s', (_, of, settings) => {
    expect(told(of, view(['a', 'Bound'], ['b', 'Bound']), settings)).toMatch(
      /^Degraded=True ZeroWeight: VIPs stay on a, which is of weight 0, .*: give a node a weight above 0/,
    );
  });

  it.each([
    ['they are on their way', view(['a', 'Releasing'], ['a', 'Binding'])],
    ['they are elsewhere', view(['b', 'Bound'])],
    ['there are none', view()],
  ])('are none where %s', (_, seen) => {
    expect(told(pool(), seen, only('a', { maintenance: true, weight: 0 }))).toBeUndefined();
  });
});
