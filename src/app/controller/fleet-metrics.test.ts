import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeReport, StatusReport } from '../../core/controller/status-report.ts';
import { nodeName, type NodeName, poolName, vipAddress, type VipAddress } from '../../core/ids.ts';
import { type MasterState, newMaster } from '../../core/master.ts';
import { Reason } from '../../core/reasons.ts';
import { applied, checkState, held, nodeEntry, term } from '../../testing/core-builders.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { FleetMetrics } from './fleet-metrics.ts';

const A = nodeName('a');
const B = nodeName('b');
const VIP = vipAddress('192.0.2.1');
const TERM = term(1);

let clock: VirtualClock;
let ports: RecordedPorts;
let fleet: FleetMetrics;

/** The VIP is placed on this node, for this reason. */
const placed = (node: NodeName | undefined, reason: Reason, of = TERM): MasterState => ({
  ...newMaster(of),
  reasons: new Map([[VIP, { node, reason }]]),
});

interface Seen {
  readonly held?: readonly VipAddress[];
  readonly silentMs?: number;
  readonly gone?: 'lease-ended' | 'said-goodbye';
}

const report = (nodes: Readonly<Record<string, Seen>>): StatusReport => ({
  pools: new Map([
    [
      poolName('nas'),
      {
        manifest: {
          name: poolName('nas'),
          uid: 'u',
          generation: 1,
          createdAt: '',
          deleting: false,
          spec: {},
          status: undefined,
        },
        view: {
          pool: poolName('nas'),
          generation: 1,
          term: TERM,
          readyNodes: 2,
          bindings: [
            { vip: VIP, node: A, home: A, interface: 's0', state: 'Bound', reason: Reason.PlacedAtHome },
            {
              vip: vipAddress('192.0.2.2'),
              node: undefined,
              home: undefined,
              interface: undefined,
              state: 'Unassigned',
              reason: Reason.NoEligibleNode,
            },
          ],
          refusals: [],
          rivals: [],
          holdingOn: [],
        },
        problems: [],
        conflicts: [],
        controllers: 3,
        term: TERM,
      },
    ],
  ]),
  nodes: new Map(
    Object.entries<Seen>(nodes).map(([name, { held: vips = [], silentMs = 0, gone }]): [string, NodeReport] => {
      const entry = nodeEntry(name, {
        gone: gone ?? 'no',
        applied: applied(name, { held: vips.map((vip) => held(vip)) }),
      });
      return [name, { name, entry, silentMs, record: undefined, problems: [], answering: undefined, term: TERM }];
    }),
  ),
});

beforeEach(() => {
  clock = new VirtualClock();
  ports = new RecordedPorts();
  fleet = new FleetMetrics({ clock, metrics: ports.metrics });
  fleet.start();
});

const durations = (cause: Reason): readonly number[] | undefined =>
  ports.observations.get(`failover_duration_seconds cause=${cause}`);

describe('a takeover', () => {
  it('of a lost node is counted, and timed from its last sign of life until the VIP is bound', async () => {
    fleet.decided(
      placed(A, Reason.PlacedAtHome),
      placed(B, Reason.NodeLost),
      report({ a: { gone: 'lease-ended', silentMs: 1_100, held: [VIP] }, b: {} }),
      2,
    );
    expect(ports.count('takeovers_total cause=NodeLost')).toBe(1);
    expect(durations(Reason.NodeLost)).toBeUndefined();
    await clock.advance(20);
    fleet.decided(placed(B, Reason.NodeLost), placed(B, Reason.NodeLost), report({ b: { held: [VIP] } }), 2);
    expect(durations(Reason.NodeLost)).toEqual([1.12]);
    fleet.decided(placed(B, Reason.NodeLost), placed(B, Reason.NodeLost), report({ b: { held: [VIP] } }), 2);
    expect(durations(Reason.NodeLost)).toHaveLength(1);
  });

  it('whose target is lost on the way is timed from its beginning', async () => {
    fleet.decided(placed(A, Reason.PlacedAtHome), placed(B, Reason.Failback), report({ a: { held: [VIP] }, b: {} }), 1);
    await clock.advance(30);
    fleet.decided(placed(B, Reason.Failback), placed(A, Reason.NodeLeft), report({ a: {} }), 1);
    await clock.advance(10);
    fleet.decided(placed(A, Reason.NodeLeft), placed(A, Reason.NodeLeft), report({ a: { held: [VIP] } }), 1);
    expect(durations(Reason.NodeLeft)).toEqual([0.04]);
    expect(durations(Reason.Failback)).toBeUndefined();
  });

  it('is neither the first placement, nor what a new master finds, nor a VIP that nobody gets', () => {
    const seen = report({ a: {}, b: {} });
    fleet.decided(placed(undefined, Reason.NoEligibleNode), placed(A, Reason.PlacedAtHome), seen, 1);
    fleet.decided(placed(A, Reason.Kept), placed(B, Reason.NodeLost, term(2)), seen, 1);
    fleet.decided(undefined, placed(B, Reason.NodeLost), seen, 1);
    fleet.decided(placed(A, Reason.Kept), placed(undefined, Reason.NodeLost), seen, 1);
    expect(ports.counts.size).toBe(0);
  });
});

describe('the gauges', () => {
  it('tell what nodes with a lease hold, and the VIPs of each pool by state', () => {
    fleet.decided(
      undefined,
      newMaster(TERM),
      report({ a: { held: [VIP] }, b: { held: [VIP] }, c: { held: [VIP], gone: 'lease-ended' } }),
      1,
    );
    expect(Object.fromEntries(ports.read())).toEqual({
      'vip_holders pool=nas vip=192.0.2.1': 2,
      'vip_holders pool=nas vip=192.0.2.2': 0,
      'pool_addresses pool=nas state=Bound': 1,
      'pool_addresses pool=nas state=Binding': 0,
      'pool_addresses pool=nas state=Releasing': 0,
      'pool_addresses pool=nas state=Unassigned': 1,
      'bindings node=a': 1,
      'bindings node=b': 1,
    });
  });

  it('are empty on a controller that is not the master any more', () => {
    fleet.decided(undefined, newMaster(TERM), report({ a: { held: [VIP] } }), 1);
    fleet.deposed();
    expect(ports.read().size).toBe(0);
  });

  it('have checks with a verdict only', () => {
    const seen = report({ a: {} });
    const node = seen.nodes.get('a');
    const checks = [
      checkState('ok', 'Passing'),
      checkState('bad', 'Failing'),
      checkState('old', 'Unknown'),
      checkState('fresh', 'Pending'),
      checkState('off', 'Idle'),
    ];
    const nodes = new Map(seen.nodes);
    if (node?.entry) nodes.set('a', { ...node, entry: { ...node.entry, checks } });
    fleet.decided(undefined, newMaster(TERM), { ...seen, nodes }, 1);
    const shown = [...ports.read()].filter(([key]) => key.startsWith('check_status'));
    expect(shown).toEqual([
      ['check_status check=ok node=a pool=nas', 1],
      ['check_status check=bad node=a pool=nas', 0],
      ['check_status check=old node=a pool=nas', 0],
    ]);
  });
});
