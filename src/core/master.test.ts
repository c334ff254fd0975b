import { describe, expect, it } from '@jest/globals';
import { applied as report, held, n, nodeEntry, pool, term, v, vips } from '../testing/core-builders.ts';
import type { NodeName, VipAddress } from './ids.ts';
import { type MasterState, type MasterWorld, newMaster, type Outgoing, reconcile } from './master.ts';
import type { Assignment } from './messages.ts';
import type { NodeEntry } from './node-table.ts';
import { Reason } from './reasons.ts';
import { monotonic, NEVER } from './time.ts';

const reign = term(5);
const NOW = 1_000;

/** A master and nodes that answer when told to. */
class World {
  state: MasterState = newMaster(reign);
  entries = new Map<NodeName, NodeEntry>();
  world: Omit<MasterWorld, 'nodes'> = {
    pools: [pool()],
    isFrozen: () => false,
    records: new Map(),
    previousHomes: new Map(),
    blindUntil: NEVER,
  };
  sent = new Map<string, Assignment>();

  /** Nodes that know the master's term. */
  constructor(...entries: NodeEntry[]) {
    for (const [index, entry] of entries.entries()) this.put({ ...entry, highestTerm: reign, session: index + 1 });
  }

  put(entry: NodeEntry): void {
    this.entries.set(entry.node, entry);
  }

  change(node: string, over: Partial<NodeEntry>): void {
    this.put({ ...this.node(node), ...over });
  }

  node(name: string): NodeEntry {
    const entry = this.entries.get(n(name));
    if (!entry) throw new Error(`no ${name}`);
    return entry;
  }

  run(now = NOW): readonly Outgoing[] {
    const result = reconcile(this.state, { ...this.world, nodes: this.entries }, monotonic(now));
    this.state = result.state;
    for (const { assignment } of result.outgoing) this.sent.set(assignment.node, assignment);
    return result.outgoing;
  }

  /** The node reports that it has carried out the newest assignment. */
  confirm(...names: readonly string[]): void {
    for (const name of names) {
      const assignment = this.sent.get(name);
      if (!assignment) throw new Error(`nothing sent to ${name}`);
      const { term, version } = assignment;
      const { lease, vips: all } = assignment;
      const applied = report(name, { lease, term, version, held: all.map((item) => held(item.vip, item.pool)) });
      this.change(name, { applied });
    }
  }

  settle(...names: readonly string[]): void {
    this.run();
    this.confirm(...names);
    this.run();
    this.confirm(...names);
  }

  vipsOf(name: string): VipAddress[] {
    return this.sent.get(name)?.vips.map((item) => item.vip) ?? [];
  }
}

const three = (): World => new World(nodeEntry('node-1'), nodeEntry('node-2'), nodeEntry('node-3'));

describe('master', () => {
  it('first lets every node confirm what it holds, then gives out what is free', () => {
    const world = three();
    expect(world.run().map(({ assignment }) => assignment.vips.length)).toEqual([0, 0, 0]);
    world.confirm('node-1');
    expect(world.run()).toEqual([]);
    world.confirm('node-2');
    expect(world.run().map(({ assignment }) => assignment.node)).toEqual(['node-3']);
    world.confirm('node-3');
    world.run();
    expect(['node-1', 'node-2', 'node-3'].map((node) => world.vipsOf(node).length)).toEqual([2, 2, 2]);
  });

  it('A6 says nothing to a node that may still obey an older master, and waits for it', () => {
    const world = three();
    world.change('node-1', { highestTerm: term(4) });
    expect(world.run().map(({ assignment }) => assignment.node)).toEqual(['node-2', 'node-3']);
    world.confirm('node-2', 'node-3');
    expect(world.run()).toEqual([]);
    world.change('node-1', { highestTerm: reign });
    expect(world.run().map(({ assignment }) => assignment.node)).toEqual(['node-1']);
  });

  it('is not held up by a node that has no lease, holds nothing and knows our term', () => {
    const world = new World(nodeEntry('node-1'), nodeEntry('node-2', { leaseValid: false }));
    world.change('node-2', { highestTerm: undefined });
    world.settle('node-1');
    expect(world.vipsOf('node-1')).toEqual([]);
    world.change('node-2', { highestTerm: reign });
    world.run();
    expect(world.vipsOf('node-1')).toHaveLength(6);
  });

  it('tells a node nothing before the node refuses the masters before it', () => {
    const world = three();
    world.change('node-1', { highestTerm: term(4, 'c2') });
    expect(world.run().map(({ assignment }) => assignment.node)).toEqual(['node-2', 'node-3']);
    world.change('node-1', { highestTerm: reign });
    expect(world.run().map(({ assignment }) => assignment.node)).toEqual(['node-1']);
  });

  it('leaves VIPs with the nodes that report them, balanced or not at home', () => {
    const world = three();
    const own = vips(6);
    world.change('node-1', { applied: report('node-1', { held: own.map((vip) => held(vip)) }) });
    world.world = { ...world.world, pools: [pool({ failback: { policy: 'Manual', delayMs: 0 } })] };
    world.settle('node-1', 'node-2', 'node-3');
    expect(world.vipsOf('node-1')).toEqual(own);
  });

  it('gives nothing away while it may not have heard of every node', () => {
    const world = three();
    world.world = { ...world.world, blindUntil: monotonic(NOW + 100) };
    world.settle('node-1', 'node-2', 'node-3');
    expect(world.vipsOf('node-1')).toEqual([]);
    world.run(NOW + 100);
    expect(world.vipsOf('node-1')).toHaveLength(2);
  });

  it('takes a VIP from its holder first and gives it on only when that is confirmed', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const moving = world.vipsOf('node-1')[0] ?? v('none');
    world.world = { ...world.world, pools: [pool({ homes: new Map([[moving, n('node-2')]]) })] };
    const outgoing = world.run();
    expect(outgoing.map(({ assignment }) => assignment.node)).toContain('node-1');
    expect(world.vipsOf('node-1')).not.toContain(moving);
    expect(world.vipsOf('node-2')).not.toContain(moving);
    world.confirm('node-1');
    world.run();
    expect(world.vipsOf('node-2')).toContain(moving);
  });

  it('does not believe an old report: a version that is still under way may hold the VIP', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const moving = world.vipsOf('node-1')[0] ?? v('none');
    const old = world.node('node-1').applied;
    world.world = { ...world.world, pools: [pool({ homes: new Map([[moving, n('node-2')]]) })] };
    world.run();
    world.change('node-1', { applied: old && { ...old, held: [] } });
    world.run();
    expect(world.vipsOf('node-2')).not.toContain(moving);
  });

  it('A7 takes over from a node whose lease ended, and not a moment before', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const lost = world.vipsOf('node-1');
    world.change('node-1', { session: undefined });
    expect(world.run()).toEqual([]);
    world.change('node-1', { gone: 'lease-ended' });
    world.run();
    expect([...world.vipsOf('node-2'), ...world.vipsOf('node-3')].sort()).toEqual([...vips(6)].sort());
    expect(lost.map((vip) => world.state.reasons.get(vip)?.reason)).toEqual([Reason.NodeLost, Reason.NodeLost]);
  });

  it('never uses a version number twice for a node, also when it was lost in between', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const before = world.sent.get('node-1')?.version ?? 0;
    world.change('node-1', { gone: 'lease-ended' });
    world.run();
    world.confirm('node-2', 'node-3');
    world.change('node-1', { gone: 'no' });
    world.run();
    expect(world.sent.get('node-1')?.version).toBeGreaterThan(before);
    expect(world.vipsOf('node-1')).toEqual([]);
  });

  it('sends the same version again on a new stream', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const { version } = world.sent.get('node-1') ?? {};
    world.change('node-1', { session: 99 });
    expect(world.run().map(({ session, assignment }) => [session, assignment.version])).toEqual([[99, version]]);
  });

  it('A9 moves VIPs off a node whose interface lost its carrier', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    world.change('node-1', { interfaces: [{ name: 's0', mac: '', carrier: false, addresses: [] }] });
    world.run();
    expect(world.vipsOf('node-1')).toEqual([]);
    world.confirm('node-1');
    world.run();
    expect([...world.vipsOf('node-2'), ...world.vipsOf('node-3')]).toHaveLength(6);
  });

  it('tries another node when one cannot bind', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const [vip = v('none')] = world.vipsOf('node-1');
    const applied = world.node('node-1').applied;
    const refused = [{ vip, reason: 'AddressNotAllowed' as const, message: '' }];
    world.change('node-1', {
      applied: applied && { ...applied, held: applied.held.filter((item) => item.vip !== vip), refused },
    });
    world.run();
    world.confirm('node-1');
    world.run();
    expect(world.state.reasons.get(vip)).toEqual({
      node: expect.not.stringMatching('node-1'),
      reason: Reason.BindRefused,
    });
    expect([...world.vipsOf('node-2'), ...world.vipsOf('node-3')]).toContain(vip);
  });

  it('changes nothing about a pool whose manifest cannot be read', () => {
    const world = three();
    world.settle('node-1', 'node-2', 'node-3');
    const before = world.vipsOf('node-1');
    world.world = { ...world.world, pools: [], isFrozen: (name) => name === 'nas' };
    world.state = newMaster(term(6, 'c2'));
    for (const node of ['node-1', 'node-2', 'node-3']) world.change(node, { highestTerm: term(6, 'c2') });
    world.run();
    expect(world.vipsOf('node-1')).toEqual(before);
    world.world = { ...world.world, isFrozen: () => false };
    world.run();
    expect(world.vipsOf('node-1')).toEqual([]);
  });

  it('leaves a VIP that two nodes say they hold to neither before the other has let it go', () => {
    const world = three();
    const claim = (node: string, vips: readonly string[]): void =>
      world.change(node, { applied: report(node, { held: vips.map((vip) => held(v(vip))) }) });
    const given = (): readonly string[] =>
      ['node-1', 'node-2'].filter((node) => world.vipsOf(node).includes(v('192.0.2.1')));
    for (const node of ['node-1', 'node-2']) claim(node, ['192.0.2.1']);
    world.run();
    expect(given()).toEqual([]);
    claim('node-1', []);
    world.run();
    claim('node-2', []);
    world.run();
    expect(given()).toHaveLength(1);
  });

  it('remembers the homes of a node that is only on record', () => {
    const world = new World(nodeEntry('node-1'), nodeEntry('node-2'));
    const previousHomes = new Map(vips(6).map((vip, i) => [vip, n(`node-${(i % 3) + 1}`)]));
    world.world = { ...world.world, previousHomes, records: new Map([[n('node-3'), {}]]) };
    world.settle('node-1', 'node-2');
    expect(world.state.homes).toEqual(previousHomes);
    expect([...world.vipsOf('node-1'), ...world.vipsOf('node-2')]).toHaveLength(6);
    expect(Math.abs(world.vipsOf('node-1').length - world.vipsOf('node-2').length)).toBeLessThanOrEqual(1);
  });

  it('asks to be woken when the failback delay of a node ends', () => {
    const world = three();
    world.change('node-1', { stableSince: monotonic(NOW - 10_000) });
    const result = reconcile(world.state, { ...world.world, nodes: world.entries }, monotonic(NOW));
    expect(result.wakeAt).toBe(NOW + 20_000);
  });
});
