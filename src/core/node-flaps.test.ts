import { describe, expect, it } from '@jest/globals';
import { healthReport, lease, link, n, nodeEntry, pool } from '../testing/core-builders.ts';
import { DEFAULT_DAMPING } from './health-spec.ts';
import type { NodeName } from './ids.ts';
import type { HealthReport, Heartbeat, Hello } from './messages.ts';
import { forgetFlaps, heldOffUntil, NO_FLAPS, type NodeFault } from './node-flaps.ts';
import {
  endSilentLeases,
  type NodeEntry,
  nodeHealth,
  nodeHeartbeat,
  nodeSaidGoodbye,
  nodeSaidHello,
  type NodeTable,
} from './node-table.ts';
import type { Pool } from './pool.ts';
import { monotonic } from './time.ts';
import { TIMING_PROFILES } from './timing.ts';

const [A, B] = [n('node-a'), n('node-b')];
const POOLS: readonly Pool[] = [pool()];
const timing = TIMING_PROFILES.Default;

/** Two nodes that have been well for long, of which things are heard. */
class Nodes {
  table: NodeTable;
  pools: readonly Pool[] | undefined = POOLS;
  #number = 0;

  constructor(...others: readonly NodeEntry[]) {
    this.table = new Map([nodeEntry(A), nodeEntry(B), ...others].map((entry) => [entry.node, entry]));
  }

  of(node: NodeName): NodeEntry {
    const entry = this.table.get(node);
    if (!entry) throw new Error(`no ${node}`);
    return entry;
  }

  #take(table: NodeTable | undefined): void {
    if (!table) throw new Error('refused');
    this.table = table;
  }

  reports(node: NodeName, at: number, over: Partial<HealthReport>): this {
    const report = healthReport({ number: ++this.#number, ...over });
    this.#take(nodeHealth(this.table, this.of(node), report, monotonic(at), this.pools));
    return this;
  }

  carrier(node: NodeName, at: number, isUp: boolean): this {
    return this.reports(node, at, { interfaces: [link({ carrier: isUp })] });
  }

  /** Nothing is heard of it; the others beat at that time. */
  silent(at: number, ...nodes: readonly NodeName[]): this {
    for (const { node, lease: name } of this.table.values()) if (!nodes.includes(node)) this.beats(node, at, name);
    this.table = endSilentLeases(this.table, monotonic(at), timing).table;
    return this;
  }

  beats(node: NodeName, at: number, name = this.of(node).lease): this {
    const beat: Heartbeat = {
      sequence: 1,
      lease: name,
      leaseValid: true,
      highestTerm: undefined,
      electorate: 1,
      restsOn: 1,
    };
    this.#take(nodeHeartbeat(this.table, this.of(node), beat, monotonic(at), this.pools));
    return this;
  }

  hello(node: NodeName, at: number, name = lease(`life-at-${at}`)): this {
    const hello = { ...this.of(node), lease: name, leaseHeldMs: 0 } as unknown as Hello;
    this.#take(nodeSaidHello(this.table, hello, ++this.#number, monotonic(at), undefined, this.pools));
    return this;
  }

  goodbye(node: NodeName): this {
    this.table = nodeSaidGoodbye(this.table, this.of(node));
    return this;
  }

  get faults(): readonly NodeFault[] {
    return this.of(A).flaps.faults;
  }
}

const fault = (from: number, until: number): NodeFault => ({ from: monotonic(from), until: monotonic(until) });

describe('what counts as a fault of a node', () => {
  it('is a carrier that it lost, once it is back', () => {
    const nodes = new Nodes().carrier(A, 10, false);
    expect(nodes.faults).toEqual([]);
    expect(nodes.carrier(A, 20, true).faults).toEqual([fault(10, 20)]);
  });

  it('is silence on the service network, and both together are one', () => {
    const reach = [{ interface: 's0', state: 'Silent' }] as const;
    const nodes = new Nodes()
      .reports(A, 10, { reach })
      .reports(A, 15, { reach, interfaces: [link({ carrier: false })] });
    nodes.reports(A, 20, { reach, interfaces: [link()] });
    expect(nodes.reports(A, 30, { reach: [{ interface: 's0', state: 'Answered' }] }).faults).toEqual([fault(10, 30)]);
  });

  it('is a lease that ended in silence, whether another life follows or the same one', () => {
    const nodes = new Nodes().silent(2_000, A).hello(A, 3_000);
    expect(nodes.faults).toEqual([fault(0, 3_000)]);
    nodes.carrier(A, 3_000, true).beats(A, 3_000).silent(5_000, A).beats(A, 6_000, lease('life-at-3000', 2));
    expect(nodes.faults).toEqual([fault(0, 3_000), fault(3_000, 6_000)]);
  });

  it('is a carrier that was gone when the lease ended, once', () => {
    const nodes = new Nodes().carrier(A, 10, false).silent(2_000, A).hello(A, 3_000);
    expect(nodes.carrier(A, 3_001, false).carrier(A, 4_000, true).faults).toEqual([fault(10, 3_000)]);
    const same = new Nodes().carrier(A, 10, false).silent(2_000, A).beats(A, 3_000, lease('life-of-node-a', 2));
    expect(same.carrier(A, 4_000, true).faults).toEqual([fault(10, 4_000)]);
  });
});

describe('what does not count', () => {
  it('is a link that is down when the node begins', () => {
    const nodes = new Nodes().silent(2_000, A).goodbye(A).hello(A, 3_000);
    expect(nodes.carrier(A, 3_001, false).carrier(A, 4_000, true).faults).toEqual([]);
  });

  it('is an agent that was stopped in order, or was about to', () => {
    expect(new Nodes().goodbye(A).hello(A, 3_000).faults).toEqual([]);
    expect(new Nodes().reports(A, 10, { leaving: true }).silent(2_000, A).hello(A, 3_000).faults).toEqual([]);
  });

  it('is a lease that the node lost although it was heard here, or that goes on', () => {
    expect(new Nodes().beats(A, 3_000, lease('life-of-node-a', 2)).faults).toEqual([]);
    expect(new Nodes().silent(2_000, A).hello(A, 3_000, lease('life-of-node-a')).faults).toEqual([]);
  });

  it('is the lease of a node that this controller had not heard', () => {
    const nodes = new Nodes();
    nodes.table = new Map([...nodes.table, [A, { ...nodes.of(A), management: undefined }]]);
    expect(nodes.silent(2_000, A).hello(A, 3_000).faults).toEqual([]);
  });

  it('is what the other nodes of its pools suffer as well, before it is over', () => {
    const both = new Nodes().carrier(A, 10, false).carrier(B, 12, false);
    expect(both.carrier(A, 20, true).faults).toEqual([]);
    expect(both.carrier(B, 22, true).of(B).flaps.faults).toEqual([]);
    const all = new Nodes().silent(2_000, A, B).hello(B, 2_500).hello(A, 3_000);
    expect([all.faults, all.of(B).flaps.faults]).toEqual([[], []]);
  });

  it('is what nobody but a node of other pools got over well', () => {
    const pools = ['a', 'b'].map((role) => pool({ nodeSelector: { role } }));
    const [a, b] = [nodeEntry(A, { labels: { role: 'a' } }), nodeEntry(B, { labels: { role: 'b' } })];
    const nodes = new Nodes(a, b);
    nodes.pools = pools;
    expect(nodes.carrier(A, 10, false).carrier(A, 20, true).faults).toEqual([]);
  });

  it('is anything as long as nobody knows the pools, or an interface that none of them uses', () => {
    const nodes = new Nodes();
    nodes.pools = undefined;
    expect(nodes.carrier(A, 10, false).carrier(A, 20, true).faults).toEqual([]);
    const others = new Nodes();
    others.pools = [pool({ interface: { kind: 'names', names: ['s9'] } })];
    expect(others.carrier(A, 10, false).carrier(A, 20, true).faults).toEqual([]);
  });

  it('is what happened until an administrator had done with the node', () => {
    const nodes = new Nodes().carrier(A, 10, false).carrier(A, 20, true).carrier(B, 30, false).carrier(B, 40, true);
    const after = forgetFlaps(nodes.table, (node) => node === A);
    expect(after.get(A)?.flaps).toBe(NO_FLAPS);
    expect(after.get(B)).toBe(nodes.of(B));
  });
});

describe('the hold-off of a node', () => {
  const until = (...faults: readonly NodeFault[]): number | undefined =>
    heldOffUntil({ badSince: undefined, faults }, DEFAULT_DAMPING);

  it('begins with the second fault within the window, and doubles', () => {
    expect(until(fault(0, 5_000))).toBeUndefined();
    expect(until(fault(0, 5_000), fault(40_000, 45_000))).toBe(75_000);
    expect(until(fault(0, 5_000), fault(40_000, 45_000), fault(80_000, 85_000))).toBe(145_000);
  });

  it('is none where the window had passed between them', () => {
    expect(until(fault(0, 5_000), fault(606_000, 607_000))).toBeUndefined();
  });
});
