import { describe, expect, it } from '@jest/globals';
import { n, nodeEntry, pool, v } from '../../testing/core-builders.ts';
import type { NodeName } from '../ids.ts';
import { NO_SETTINGS } from '../node-settings.ts';
import { NO_RULES } from '../placement/rules.ts';
import type { Pool } from '../pool.ts';
import { homesUnusable, type HomesWorld } from './home-faults.ts';

const NAS = { role: 'nas' };
const [FIRST, SECOND] = [v('192.0.2.1'), v('192.0.2.2')];
const WORLD: HomesWorld = {
  nodes: new Map([
    [n('node-a'), nodeEntry('node-a', { labels: NAS })],
    [n('node-b'), nodeEntry('node-b', { labels: { ...NAS, disk: 'hdd' } })],
    [n('node-c'), nodeEntry('node-c')],
    [n('node-d'), nodeEntry('node-d', { labels: NAS, gone: 'lease-ended' })],
  ]),
  records: new Map<NodeName, Readonly<Record<string, string>>>([
    [n('node-e'), NAS],
    [n('node-f'), {}],
  ]),
  settingsOf: () => NO_SETTINGS,
};
const homes = (over: Partial<Pool>, ...names: readonly string[]): Pool =>
  pool({ nodeSelector: NAS, homes: new Map(names.map((name, i) => [v(`192.0.2.${i + 1}`), n(name)])), ...over });
const told = (of: Pool, world: HomesWorld = WORLD): string | undefined => homesUnusable(of, world)?.message;

describe('a declared home that can never hold its VIP', () => {
  it.each([
    ['a misspelt node', homes({}, 'node-a', 'nod-b'), 'there is no node nod-b: did you mean node-b?'],
    [
      'a node that nobody knows',
      homes({}, 'node-a', 'elsewhere'),
      'there is no node elsewhere: the nodes are node-a, node-b, node-c, node-e, node-f',
    ],
    ['a node whose record was removed', homes({}, 'node-a', 'node-d'), 'there is no node node-d: did you mean node-a?'],
    [
      'a node that nodeSelector leaves out',
      homes({}, 'node-a', 'node-c'),
      'node-c does not match nodeSelector of pool nas (role=nas): label it, or choose another node',
    ],
    [
      'a lost node that nodeSelector leaves out',
      homes({}, 'node-a', 'node-f'),
      'node-f does not match nodeSelector of pool nas (role=nas): label it, or choose another node',
    ],
    [
      'a node of weight 0 by its labels',
      homes(
        { placement: { ...NO_RULES, weights: [{ nodes: { kind: 'labels', labels: { disk: 'hdd' } }, weight: 0 }] } },
        'node-a',
        'node-b',
      ),
      'node-b has weight 0 by spec.placement.weights: write one above 0, or choose another node',
    ],
  ])('is told: %s', (_, of, fault) => {
    expect(homesUnusable(of, WORLD)).toEqual({
      type: 'Degraded',
      status: 'True',
      reason: 'HomeUnusable',
      message: `spec.placement.homes: ${SECOND} can never be at home: ${fault}`,
    });
  });

  it('is told of a node whose own weight is 0', () => {
    const settingsOf = (node: NodeName) => ({ ...NO_SETTINGS, weight: node === n('node-b') ? 0 : undefined });
    expect(told(homes({}, 'node-a', 'node-b'), { ...WORLD, settingsOf })).toBe(
      `spec.placement.homes: ${SECOND} can never be at home: spec.weight of NodeHealth node-b is 0: write one above 0, or choose another node`,
    );
  });

  it('names its VIPs, and of many such homes how many there are', () => {
    expect(told(homes({}, 'node-z', 'node-z', 'x-1', 'x-2', 'x-3', 'x-4'))).toMatch(
      new RegExp(`^spec.placement.homes: ${FIRST}, ${SECOND} can never be at home: .*; and 2 more homes$`),
    );
  });

  it.each([
    ['nodes that are up, or were', homes({}, 'node-a', 'node-b', 'node-e'), WORLD],
    ['nothing', homes({}), WORLD],
    [
      'a node that may come, where none is there yet',
      homes({}, 'node-z'),
      { ...WORLD, nodes: new Map(), records: new Map() },
    ],
  ])('is not told where homes are %s', (_, of, world) => {
    expect(told(of, world)).toBeUndefined();
  });
});
