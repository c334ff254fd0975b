import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolVerdict } from '../../core/condition-table.ts';
import type { NodeReport, StatusReport } from '../../core/controller/status-report.ts';
import { nodeName, poolName, vipAddress, type VipAddress } from '../../core/ids.ts';
import type { DoneMove } from '../../core/move-log.ts';
import type { NodeEntry } from '../../core/node-table.ts';
import { Reason } from '../../core/reasons.ts';
import { monotonic } from '../../core/time.ts';
import { applied, checkState, held, nodeEntry, nodeReport, term } from '../../testing/core-builders.ts';
import { poolReport } from '../../testing/pool-report.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { FleetMetrics } from './fleet-metrics.ts';

const A = nodeName('a');
const B = nodeName('b');
const VIP = vipAddress('192.0.2.1');
const TERM = term(1);

let ports: RecordedPorts;
let fleet: FleetMetrics;

interface Seen {
  readonly held?: readonly VipAddress[];
  readonly gone?: NodeEntry['gone'];
}

const report = (nodes: Readonly<Record<string, Seen>>, moved: readonly DoneMove[] = []): StatusReport => ({
  pools: new Map([
    [
      poolName('nas'),
      poolReport(
        [
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
        { moves: moved, moved, term: TERM },
      ),
    ],
  ]),
  nodes: new Map(
    Object.entries<Seen>(nodes).map(([text, { held: vips = [], gone = 'no' }]): [string, NodeReport] => {
      const name = nodeName(text);
      const entry = nodeEntry(name, { gone, applied: applied(name, { held: vips.map((vip) => held(vip)) }) });
      return [name, nodeReport(name, { entry })];
    }),
  ),
});

const move = (over: Partial<DoneMove>): DoneMove => ({
  vip: VIP,
  from: A,
  to: B,
  reason: Reason.NodeLost,
  at: monotonic(5_000),
  detectMs: 1_100,
  decideMs: 2,
  bindMs: 18,
  ...over,
});

beforeEach(() => {
  ports = new RecordedPorts();
  fleet = new FleetMetrics(ports.metrics);
  fleet.start();
});

const durations = (cause: Reason): readonly number[] | undefined =>
  ports.observations.get(`failover_duration_seconds cause=${cause}`);

describe('a takeover', () => {
  it('of a lost node is counted, and timed from its last sign of life until the VIP is bound', () => {
    fleet.decided(report({}, [move({})]), 2);
    fleet.decided(report({}), 2);
    expect(ports.count('takeovers_total cause=NodeLost')).toBe(1);
    expect(durations(Reason.NodeLost)).toEqual([1.12]);
  });

  it('that was planned is timed from the decision', () => {
    fleet.decided(report({}, [move({ reason: Reason.Failback, detectMs: undefined })]), 2);
    expect(durations(Reason.Failback)).toEqual([0.02]);
  });

  it('of unknown begin is counted and not timed', () => {
    fleet.decided(report({}, [move({ decideMs: undefined, bindMs: undefined })]), 2);
    expect(ports.count('takeovers_total cause=NodeLost')).toBe(1);
    expect(durations(Reason.NodeLost)).toBeUndefined();
  });

  it('is neither a first placement nor a VIP that nobody gets', () => {
    fleet.decided(report({}, [move({ from: undefined }), move({ to: undefined })]), 2);
    expect(ports.counts.size).toBe(0);
  });
});

describe('the gauges', () => {
  it('tell what nodes with a lease hold, and the VIPs of each pool by state', () => {
    fleet.decided(report({ a: { held: [VIP] }, b: { held: [VIP] }, c: { held: [VIP], gone: 'lease-ended' } }), 1);
    expect(Object.fromEntries(ports.read())).toEqual({
      'vip_holders pool=nas vip=192.0.2.1': 2,
      'vip_holders pool=nas vip=192.0.2.2': 0,
      'pool_addresses pool=nas state=Bound': 1,
      'pool_addresses pool=nas state=Binding': 0,
      'pool_addresses pool=nas state=Releasing': 0,
      'pool_addresses pool=nas state=Unassigned': 1,
      'bindings node=a': 1,
      'bindings node=b': 1,
      'alarm kind=pool name=nas condition=Ready reason=NoEligibleNode': 1,
      'alarm kind=node name=c condition=Ready reason=NodeLost': 1,
    });
  });

  it('tell of every condition that is a fault, of the networks as well, and of none that is over', () => {
    const seen = report({ a: {} });
    const pool = seen.pools.get(poolName('nas'));
    const node = seen.nodes.get('a');
    if (!pool || !node) throw new Error('a pool and a node');
    const said = (status: 'True' | 'False'): PoolVerdict => {
      const type = 'ServiceNetworkFaulty';
      return status === 'True'
        ? { type, status, reason: Reason.ServiceDown, message: '' }
        : { type, status, reason: Reason.ServiceReachable, message: '' };
    };
    const shown = (): string[] => [...ports.read().keys()].filter((key) => key.startsWith('alarm '));
    const always = 'alarm kind=pool name=nas condition=Ready reason=NoEligibleNode';
    fleet.decided(
      {
        pools: new Map([[pool.manifest.name, { ...pool, networks: [said('True')] }]]),
        nodes: new Map([['a', { ...node, isMute: true }]]),
      },
      1,
    );
    expect(shown()).toEqual([
      always,
      'alarm kind=pool name=nas condition=ServiceNetworkFaulty reason=ServiceDown',
      'alarm kind=node name=a condition=ManagementNetworkFaulty reason=MulticastUnanswered',
    ]);
    fleet.decided({ ...seen, pools: new Map([[pool.manifest.name, { ...pool, networks: [said('False')] }]]) }, 1);
    expect(shown()).toEqual([always]);
  });

  it('are empty on a controller that is not the master any more', () => {
    fleet.decided(report({ a: { held: [VIP] } }), 1);
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
    fleet.decided({ ...seen, nodes }, 1);
    const shown = [...ports.read()].filter(([key]) => key.startsWith('check_status'));
    expect(shown).toEqual([
      ['check_status check=ok node=a pool=nas', 1],
      ['check_status check=bad node=a pool=nas', 0],
      ['check_status check=old node=a pool=nas', 0],
    ]);
  });
});
