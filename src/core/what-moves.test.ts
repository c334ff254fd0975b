import { describe, expect, it, test } from '@jest/globals';
import { applied, checkState, link, n, v } from '../testing/core-builders.ts';
import { RecordRig, type RigNode } from '../testing/record-rig.ts';
import type { VipPoolSpec } from './api/types.gen.ts';
import type { CheckState } from './check-state.ts';
import type { NodeName, VipAddress } from './ids.ts';
import type { NodeEntry } from './node-table.ts';
import { monotonic } from './time.ts';
import type { Outlook } from './what-moves.ts';
import { whatMoves } from './what-moves.ts';

const [A, B, C] = [n('node-a'), n('node-b'), n('node-c')];
const MINUTES = 60_000;
const [FIRST, SECOND] = [v('192.0.2.1'), v('192.0.2.2')];
const CHECKS = [{ name: 'nfs', type: 'nfs' }] satisfies NonNullable<VipPoolSpec['health']>['checks'];

type Where = ReadonlyMap<VipAddress, NodeName | undefined>;

const vipsOf = (rig: RecordRig): VipAddress[] => rig.master.pools.flatMap(({ vips }) => vips);
const heldIn = (rig: RecordRig): Where => new Map(vipsOf(rig).map((vip) => [vip, rig.master.holder(vip)]));
/** Where everything is after these moves. */
const after = (before: Where, { moves }: Outlook): Where =>
  new Map([...before, ...moves.map(({ vip, to }) => [vip, to] as const)]);

const nas = ({ placement, ...over }: Partial<VipPoolSpec> = {}): VipPoolSpec => ({
  addresses: ['192.0.2.1-192.0.2.2'],
  interface: { names: ['s0'] },
  placement: { homes: { [FIRST]: A, [SECOND]: A }, ...placement },
  ...over,
});
const found = (state: CheckState['state'], over: Partial<CheckState> = {}): Partial<NodeEntry> => ({
  checks: [checkState('nfs', state, over)],
});

describe('what moves if a node fails is what the master decides when it does', () => {
  test.each<[string, Partial<VipPoolSpec>, readonly RigNode[], readonly (NodeName | undefined)[]]>([
    [
      'the least bad node takes all where no healthy one is left',
      { health: { checks: CHECKS } },
      [{ name: A }, { name: B, over: found('Failing') }],
      [B, B],
    ],
    [
      'an ill node takes nothing where nobody shall hold them then',
      { health: { checks: CHECKS, whenAllUnhealthy: 'Release' } },
      [{ name: A }, { name: B, over: found('Failing') }],
      [undefined, undefined],
    ],
    [
      'a node whose check has no verdict yet is given nothing',
      { health: { checks: CHECKS } },
      [{ name: A }, { name: B, over: found('Pending') }],
      [undefined, undefined],
    ],
    [
      'a node whose check is repaired is given nothing',
      { health: { checks: CHECKS } },
      [{ name: A }, { name: B, over: found('Failing', { repairing: true }) }],
      [undefined, undefined],
    ],
    [
      'a node that does not run a check in its role is well',
      { health: { checks: [{ name: 'nfs', type: 'nfs', role: 'Holder' }] } },
      [{ name: A }, { name: B, over: found('Idle') }],
      [B, B],
    ],
    [
      'a node that has told nothing of a check yet is given nothing',
      { health: { checks: CHECKS } },
      [{ name: A }, { name: B, over: { checks: [] } }],
      [undefined, undefined],
    ],
    [
      'a full node is given nothing',
      { placement: { capacity: { highPercent: 90, lowPercent: 75 } } },
      [{ name: A }, { name: B, over: { load: { processorPercent: 5, memoryPercent: 95 } } }],
      [undefined, undefined],
    ],
    [
      'a limit leaves one without a node',
      { placement: { maxPerNode: 1, homes: { [FIRST]: A, [SECOND]: B } } },
      [{ name: A }, { name: B }],
      [undefined, B],
    ],
    [
      'a node without a lease is given nothing',
      {},
      [{ name: A }, { name: B, over: { leaseValid: false } }, { name: C }],
      [C, C],
    ],
    [
      'a node that reaches nobody is given nothing while another one does',
      {},
      ['Answered', 'Silent', 'Answered'].map((state, i): RigNode => {
        const reach = [{ interface: 's0', state: state as 'Answered' | 'Silent' }];
        return { name: [A, B, C][i] ?? A, over: { reach } };
      }),
      [C, C],
    ],
  ])('%s', (_, spec, nodes, expected) => {
    const rig = new RecordRig({ nas: nas(spec) }, nodes);
    rig.master.run(2 * MINUTES);
    expect(rig.master.holder(FIRST)).toBe(A);
    const outlook = whatMoves(rig.snapshot(), { failed: new Set([A]) });
    const told = after(heldIn(rig), outlook);
    expect([...told.values()]).toEqual(expected);
    rig.fail([A]);
    expect(told).toEqual(heldIn(rig));
  });

  it('what leaves two drained nodes arrives where it was sent, whatever its zone looks like on the way', () => {
    const nodes = ['a', 'b', 'a', 'b'].map((zone, i): RigNode => ({
      name: `node-${i + 1}`,
      over: { labels: { zone } },
    }));
    const rig = new RecordRig(
      { nas: { addresses: ['192.0.2.1-192.0.2.4'], interface: { names: ['s0'] }, placement: { zoneKey: 'zone' } } },
      nodes,
    );
    rig.master.run(2 * MINUTES);
    const drained = new Set([n('node-1'), n('node-2')]);
    const outlook = whatMoves(rig.snapshot(), { drained });
    const told = after(heldIn(rig), outlook);
    rig.drain(drained);
    expect(outlook.moves.map(({ reason }) => reason)).toEqual(['Maintenance', 'Maintenance']);
    expect(told).toEqual(heldIn(rig));
  });

  it('a node that is held off is given nothing, but while no other one is left it is better than none', () => {
    const rig = new RecordRig({ nas: nas({ health: { checks: CHECKS } }) }, [{ name: A }, { name: B }, { name: C }]);
    for (let i = 0; i < 8; i++)
      rig.master.report(B, checkState('nfs', i % 2 === 0 ? 'Failing' : 'Passing', { sinceMs: 0 })).run(1_000);
    const supposed = { failed: new Set([A]) };
    expect(whatMoves(rig.snapshot(), supposed).moves.map(({ to }) => to)).toEqual([C, C]);
    rig.master.report(C, checkState('nfs', 'Failing', { sinceMs: 0 })).run(40_000);
    const told = after(heldIn(rig), whatMoves(rig.snapshot(), supposed));
    rig.fail([A]);
    expect(told).toEqual(heldIn(rig));
    expect(rig.master.holder(FIRST)).toBe(B);
  });

  it('a node that a check degraded again and again stays less preferred for a while', () => {
    const checks = [{ name: 'nfs', type: 'nfs', severity: 'Degrade', penalty: 90 }] as const;
    const rig = new RecordRig({ nas: nas({ health: { checks } }) }, [{ name: A }, { name: B }, { name: C }]);
    for (let i = 0; i < 8; i++)
      rig.master.report(B, checkState('nfs', i % 2 === 0 ? 'Failing' : 'Passing', { sinceMs: 0 })).run(1_000);
    const told = after(heldIn(rig), whatMoves(rig.snapshot(), { failed: new Set([A]) }));
    expect([...told.values()]).toEqual([C, C]);
    rig.fail([A]);
    expect(told).toEqual(heldIn(rig));
  });

  it('a node that never told of a check is ill, and the least bad one where no other is left', () => {
    const rig = new RecordRig({ nas: nas({ health: { checks: CHECKS } }) }, [{ name: A }, { name: B }]);
    rig.master.wantedSince = () => monotonic(0);
    rig.master.change(B, { checks: [] });
    rig.master.run(2 * MINUTES);
    const told = after(heldIn(rig), whatMoves(rig.snapshot(), { failed: new Set([A]) }));
    rig.fail([A]);
    expect(told).toEqual(heldIn(rig));
    expect([...told.values()]).toEqual([B, B]);
  });

  it('a false alarm goes on: nothing leaves a node that fails what all of them failed', () => {
    const homes = { [FIRST]: A, [SECOND]: C };
    const spec = nas({ health: { checks: CHECKS }, placement: { homes } });
    const rig = new RecordRig({ nas: spec }, [{ name: A }, { name: B }, { name: C }]);
    for (const node of [A, B, C]) rig.master.change(node, found('Failing', { sinceMs: 0 }));
    rig.master
      .run(1_000)
      .report(B, checkState('nfs', 'Passing', { sinceMs: 0 }))
      .run(1_000);
    const told = after(heldIn(rig), whatMoves(rig.snapshot(), { failed: new Set([C]) }));
    expect([...told.values()]).toEqual([A, B]);
    rig.fail([C]);
    expect(told).toEqual(heldIn(rig));
  });

  it('what waits for its home to be well for long enough goes on waiting', () => {
    const rig = new RecordRig({ nas: nas() }, [{ name: A }, { name: B }, { name: C }]);
    rig.fail([A]);
    const since = monotonic(rig.master.now);
    rig.master.change(A, { gone: 'no', applied: applied(A), leaseSince: since, stableSince: since });
    rig.master.run(10_000);
    const [holder] = heldIn(rig).values();
    const other = holder === B ? C : B;
    expect(whatMoves(rig.snapshot(), { failed: new Set([other]) }).moves).toMatchObject([
      { to: A, reason: 'NodeLost' },
    ]);
  });

  it('what waits for its home to flap no more goes on waiting', () => {
    const rig = new RecordRig({ nas: nas({ health: { damping: { base: '10m', max: '1h' } } }) }, [
      { name: A },
      { name: B },
      { name: C },
    ]);
    rig.fail([A]);
    const at = rig.master.now;
    const faults = [1, 2].map((ago) => ({
      from: monotonic(at - ago * 1_000),
      until: monotonic(at - ago * 1_000 + 500),
    }));
    const back = { gone: 'no', applied: applied(A), leaseSince: monotonic(at), stableSince: monotonic(at) } as const;
    rig.master.change(A, { ...back, flaps: { badSince: undefined, faults: faults.reverse() } });
    rig.master.run(5 * MINUTES);
    const before = heldIn(rig);
    expect([...before.values()]).not.toContain(A);
    expect(whatMoves(rig.snapshot(), { failed: new Set() }).moves).toEqual([]);
  });
});

describe('what stays on a node that is drained is told', () => {
  test.each<[string, Partial<VipPoolSpec>, Partial<NodeEntry>, string]>([
    ['for want of another', {}, { interfaces: [link({ carrier: false })] }, 'Maintenance'],
    ['where it is well and the others are not', { health: { checks: CHECKS } }, found('Failing'), 'CheckFailed'],
  ])('%s', (_, spec, over, reason) => {
    const rig = new RecordRig({ nas: nas(spec) }, [{ name: A }, { name: B, over }]);
    rig.master.run(2 * MINUTES);
    const { moves } = whatMoves(rig.snapshot(), { drained: new Set([A]) });
    expect(moves).toMatchObject([FIRST, SECOND].map((vip) => ({ vip, from: A, to: A, reason })));
    rig.master.settle(A, { maintenance: true });
    expect([...heldIn(rig).values()]).toEqual([A, A]);
  });
});

describe('VIPs that follow the master', () => {
  const both = <T>(one: T): T[] => [one, one];
  const follows = (): VipPoolSpec => nas({ placement: { homes: {}, follow: { kind: 'Master' } } });
  const ruled = (spec: VipPoolSpec, others: readonly RigNode[] = [{ name: B }, { name: C }]): RecordRig => {
    const rig = new RecordRig({ nas: spec }, [{ name: A }, ...others]);
    rig.master.masterNode = A;
    rig.master.run(2 * MINUTES);
    return rig;
  };
  const told = (rig: RecordRig, supposed: Parameters<typeof whatMoves>[1]) =>
    whatMoves(rig.snapshot(), supposed).moves.map(({ to, toNextMaster, reason }) => [to, toNextMaster, reason]);

  it('go to the node of the next master, whichever that is', () => {
    for (const next of [B, C]) {
      const rig = ruled(follows());
      expect(told(rig, { failed: new Set([A]) })).toEqual(both([undefined, true, 'NodeLost']));
      rig.fail([A], next);
      expect([...heldIn(rig).values()]).toEqual([next, next]);
    }
  });

  it('go there when its node is drained', () => {
    expect(told(ruled(follows()), { drained: new Set([A]) })).toEqual(both([undefined, true, 'NotFollowed']));
  });

  it('go nowhere where that node cannot hold them', () => {
    const down: Partial<NodeEntry> = { interfaces: [link({ carrier: false })] };
    const rig = ruled(follows(), [{ name: B, over: down }]);
    expect(told(rig, { failed: new Set([A]) })).toEqual(both([undefined, false, 'NoEligibleNode']));
  });

  it('stay when another node fails', () => {
    expect(told(ruled(follows()), { failed: new Set([B]) })).toEqual([]);
  });

  it('stay on a drained node where nobody takes office from its master', () => {
    const { pools, ...rest } = ruled(follows()).snapshot();
    const alone = pools.map(({ status, ...pool }) => ({ ...pool, status: status && { ...status, conditions: [] } }));
    const { moves } = whatMoves({ ...rest, pools: alone }, { drained: new Set([A]) });
    expect(moves.map(({ from, to, reason }) => [from, to, reason])).toEqual(both([A, A, 'Maintenance']));
  });
});
