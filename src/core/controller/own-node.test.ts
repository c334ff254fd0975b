import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { applied, checkState, healthReport, held, link } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { nodeName, poolName } from '../ids.ts';
import type { PoolManifest } from '../manifest.ts';
import type { HealthReport } from '../messages.ts';

const ALL = ['c1', 'c2', 'c3'];
const passing = [checkState('nfs')];
const failing = [checkState('nfs', 'Failing', { sinceMs: 0, output: 'timed out' })];

/** Three controllers, each with an agent beside it, and a pool with a check; `settle` until all is well for long. */
class Cluster {
  readonly c = new Controllers(3).startAll();
  readonly #agents = new Map<string, LeasingAgent>();
  #number = 1;
  /** Whether agents do as they are told. */
  obeys = true;
  readonly #pool: PoolManifest;

  /** @param count of the agents. @param home of the VIP. */
  constructor(count = 3, home?: string) {
    const health = { checks: [{ name: 'nfs', type: 'nfs' }] };
    const placement = { homes: home === undefined ? {} : { '192.0.2.1': home } };
    const spec = { addresses: ['192.0.2.1'], interface: { names: ['s0'] }, placement, health };
    const manifest = { uid: 'u', generation: 1, createdAt: '2026-01-01T00:00:00Z', deleting: false, status: undefined };
    this.#pool = { ...manifest, name: poolName('nas'), spec };
    this.drain();
    this.c.run(3_000);
    for (const [index, id] of ALL.slice(0, count).entries()) {
      const agent = new LeasingAgent(this.c, `node-of-${id}`, index + 1);
      this.#agents.set(id, agent);
      agent.greet(...ALL);
      this.report(id, { checks: passing });
    }
    this.run(35_000);
  }

  get master(): string {
    const [id, ...others] = this.c.masters();
    if (id === undefined || others.length > 0) throw new Error('not one master');
    return id;
  }

  /** The agent beside that controller reports. */
  report(id: string, over: Partial<HealthReport>): void {
    const message = { kind: 'health', ...healthReport({ number: ++this.#number, checks: passing, ...over }) } as const;
    for (const to of ALL) this.c.agentSays(to, ALL.indexOf(id) + 1, message);
  }

  /** `spec.maintenance` of the nodes of these controllers, and of no other. */
  drain(...ids: readonly string[]): void {
    const nodes = ids.map((id) => ({
      name: nodeName(`node-of-${id}`),
      spec: { maintenance: true },
      status: undefined,
    }));
    this.c.declare({ pools: [this.#pool], nodes });
  }

  run(ms: number): this {
    for (let passed = 0; passed < ms; passed += 200) {
      for (const agent of this.#agents.values()) agent.beat(...ALL);
      if (this.obeys) this.#obey();
      this.c.run(200);
    }
    return this;
  }

  #obey(): void {
    const [master] = this.c.masters();
    for (const [id, agent] of this.#agents) {
      agent.highestTerm = master === undefined ? undefined : this.c.state(master).master?.term;
      const { name, lease } = agent;
      const session = ALL.indexOf(id) + 1;
      const told = this.c.told.findLast((item) => item.session === session && item.message.kind === 'assignment');
      if (told?.message.kind !== 'assignment') continue;
      const { term, version, vips } = told.message;
      const report = applied(name, { lease, term, version, held: vips.map(({ vip }) => held(vip)) });
      for (const to of ALL) this.c.agentSays(to, session, { kind: 'applied', ...report });
    }
  }

  elections(): number {
    return this.c.changes.filter(({ kind }) => kind === 'elected').length;
  }
}

describe('A10 a master whose own node is ill', () => {
  it.each([
    ['a check fails', { checks: failing }],
    ['its service interface has no carrier', { interfaces: [link({ carrier: false })] }],
    ['its service network is away', { service: { reachable: false, rttMs: undefined, message: 'nobody answers' } }],
  ])('hands over at once when %s, and stays out of office', (_, over) => {
    const cluster = new Cluster();
    const before = cluster.master;
    cluster.report(before, over);
    cluster.run(200);
    expect(cluster.master).not.toBe(before);
    expect(cluster.c.changes.at(-2)?.reason).toMatch(/^its own node is ill: /);
    const { master } = cluster;
    cluster.report(before, { checks: passing });
    expect(cluster.run(120_000).master).toBe(master);
  });

  it('stays where an interface has no carrier that no pool of its node uses', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    cluster.report(master, { interfaces: [link(), link({ name: 's9', carrier: false })] });
    expect(cluster.run(60_000).master).toBe(master);
  });

  it('hands over when its node is drained, and stays out of office while that lasts', () => {
    const cluster = new Cluster();
    const before = cluster.master;
    cluster.drain(before);
    cluster.run(400);
    expect(cluster.master).not.toBe(before);
    expect(cluster.c.changes.at(-2)?.reason).toBe('its own node is ill: it is drained');
    const { master } = cluster;
    expect(cluster.run(120_000).master).toBe(master);
  });

  it('hands over to the one whose node is not drained, and stays where all are', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    const [second = '', third = ''] = ALL.filter((id) => id !== master);
    cluster.drain(master, second, third);
    expect(cluster.run(60_000).master).toBe(master);
    cluster.drain(master, second);
    expect(cluster.run(60_000).master).toBe(third);
    cluster.drain(master, third);
    expect(cluster.run(60_000).master).toBe(second);
  });

  it('lets its VIPs go before it hands over, for its successor would be slower', () => {
    const cluster = new Cluster(3, 'node-of-c1');
    expect(cluster.master).toBe('c1');
    cluster.obeys = false;
    cluster.report('c1', { checks: failing });
    expect(cluster.run(2_000).master).toBe('c1');
    cluster.obeys = true;
    expect(cluster.run(400).master).not.toBe('c1');
    const given = cluster.c.told.find(
      ({ session, message }) => session !== 1 && message.kind === 'assignment' && message.vips.length > 0,
    );
    expect(given?.id).toBe('c1');
  });

  it('stays when nobody is better off: all nodes fail the check', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    for (const id of ALL.toReversed()) cluster.report(id, { checks: failing });
    expect(cluster.run(60_000).elections()).toBe(1);
    expect(cluster.master).toBe(master);
  });

  it('stays when other controllers have no agent beside them, or have none itself', () => {
    const cluster = new Cluster(1);
    cluster.report('c1', { checks: failing });
    cluster.run(60_000);
    expect(cluster.elections()).toBe(1);
  });

  it('hands over only to a node that was well for the failback delay', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    const others = ALL.filter((id) => id !== master);
    for (const id of others) cluster.report(id, { checks: failing });
    cluster.run(5_000);
    for (const id of others) cluster.report(id, { checks: passing });
    cluster.run(5_000);
    cluster.report(master, { checks: failing });
    cluster.run(20_000);
    expect(cluster.master).toBe(master);
    cluster.run(20_000);
    expect(cluster.master).not.toBe(master);
  });

  it('never goes back and forth: nodes that flap move it once in a failback delay at most', () => {
    const cluster = new Cluster();
    for (let second = 0; second < 60; second++) {
      const checks = second % 2 === 0 ? failing : passing;
      cluster.report(cluster.master, { checks });
      cluster.run(1_000);
    }
    expect(cluster.elections() - 1).toBeLessThanOrEqual(2);
  });

  it('hands over also when it outranks its successor', () => {
    const cluster = new Cluster();
    cluster.report('c1', { checks: failing });
    cluster.run(400);
    cluster.report('c1', { checks: passing });
    cluster.run(45_000);
    cluster.report(cluster.master, { checks: failing });
    cluster.run(400);
    expect(['c1', 'c2', 'c3']).toContain(cluster.master);
    expect(cluster.elections()).toBe(3);
  });
});
