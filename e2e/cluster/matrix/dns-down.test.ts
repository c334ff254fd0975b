import { expect, it } from '@jest/globals';
import { acknowledged, planOf, victimOf } from './dns-down.ts';

const roles = { master: 'node-1', holder: 'node-2', third: 'node-3', vip: '192.0.2.10' };
const controllers = ['node-1', 'node-2', 'node-3'].map((node, index) => ({
  name: `c-${index}`,
  node,
  isRunning: true,
}));
const NODES = ['node-1', 'node-2', 'node-3', 'node-4', 'node-5'];

it('leaves a majority where every node has a controller: that of the third node starts anew in its place', () => {
  const plan = planOf(controllers, roles, 3);
  expect(plan).toEqual({ restarted: 'c-2', moves: false, from: 'node-3' });
  expect(victimOf(controllers, roles, plan, NODES.slice(0, 3))).toBe('node-2');
});

it('moves a controller where there is room, and then takes the power from a node without any', () => {
  const plan = planOf(controllers, roles, 5);
  expect(plan).toEqual({ restarted: 'c-1', moves: true, from: 'node-2' });
  expect(victimOf([...controllers, { node: 'node-4' }], roles, plan, NODES)).toBe('node-5');
  expect(() => victimOf(controllers, roles, plan, NODES.slice(0, 3))).toThrow('every node has a controller');
});

it('reads how many heartbeats a controller has acknowledged', () => {
  const metrics = [
    'vippool_heartbeat_round_trip_seconds_sum{controller="c-1"} 0.5',
    'vippool_heartbeat_round_trip_seconds_count{controller="c-0"} 7',
    'vippool_heartbeat_round_trip_seconds_count{controller="c-1"} 42',
  ].join('\n');
  expect([acknowledged(metrics, 'c-1'), acknowledged(metrics, 'c-2'), acknowledged('', 'c-1')]).toEqual([42, 0, 0]);
});
