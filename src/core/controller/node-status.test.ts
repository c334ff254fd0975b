import { describe, expect, it } from '@jest/globals';
import { held, lease, nodeEntry, term, v } from '../../testing/core-builders.ts';
import type { NodeEntry } from '../node-table.ts';
import { nodeName } from '../ids.ts';
import { nodeStatus } from './node-status.ts';

const WALL = Date.parse('2026-01-01T00:00:10.000Z');
const of = (entry: NodeEntry | undefined, silentMs = 100): ReturnType<typeof nodeStatus> =>
  nodeStatus(
    { name: 'node-1', entry, silentMs, record: { name: nodeName('node-1'), status: undefined }, term: term(4) },
    undefined,
    WALL,
  );

const applied = {
  lease: lease('life-of-node-1'),
  term: term(4),
  version: 1,
  held: [held(v('192.0.2.1'))],
  refused: [],
};

describe('status of a node', () => {
  it('is healthy with a lease and carriers, and tells what it holds', () => {
    expect(of(nodeEntry('node-1', { applied }))).toMatchObject({
      phase: 'Healthy',
      term: 4,
      leaseEpoch: 1,
      vips: ['192.0.2.1'],
      vipCount: 1,
      lastHeartbeatTime: '2026-01-01T00:00:09.900Z',
      conditions: [{ type: 'Ready', status: 'True', reason: 'LeaseHeld' }],
    });
  });

  it.each([
    ['Unreachable', 'NodeLost', nodeEntry('node-1', { gone: 'lease-ended', applied })],
    ['Unreachable', 'NodeLeft', nodeEntry('node-1', { gone: 'said-goodbye', applied })],
    ['Degraded', 'LeaseNotHeld', nodeEntry('node-1', { leaseValid: false })],
    [
      'Degraded',
      'CarrierLost',
      nodeEntry('node-1', { interfaces: [{ name: 's0', mac: '', carrier: false, addresses: [] }] }),
    ],
    ['Unreachable', 'NodeLost', undefined],
  ])('is %s by reason of %s', (phase, reason, entry) => {
    const status = of(entry);
    expect(status).toMatchObject({ phase, conditions: [{ status: 'False', reason }] });
    if (phase === 'Unreachable') expect(status.vips).toEqual([]);
  });
});
