import { describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { LOST_ROUNDS } from '../agent/reach.ts';
import { multicastTiming, TIMING_PROFILES } from '../timing.ts';

const ALL = ['c1', 'c2', 'c3'];
const { roundMs } = multicastTiming(TIMING_PROFILES.Default);
const LONG_MS = (LOST_ROUNDS + 2) * roundMs;

/** Three controllers that ask, and three agents on hosts of their own. */
class Cluster {
  readonly c = new Controllers(3);
  agents: readonly LeasingAgent[] = [];
  /** Whom a question of this controller reaches. */
  reaches: (controller: string, node: string) => boolean = () => true;
  asked = 0;

  constructor(asks = true) {
    this.c.overrides = { asksMembers: asks };
    this.c.onAsk = (id) => {
      this.asked++;
      for (const [index, { name }] of this.agents.entries()) {
        if (this.reaches(id, name)) this.c.memberAnswers(id, name, `10.1.0.${index + 1}`);
      }
    };
    this.c.startAll().run(3_000);
    this.agents = [1, 2, 3].map((number) => {
      const agent = new LeasingAgent(this.c, `node-${number}`, number);
      agent.witnessAddress = `10.1.0.${number}:7482`;
      agent.answersMulticast = true;
      agent.greet(...ALL);
      return agent;
    });
    this.run(LONG_MS);
  }

  get master(): string {
    return this.c.masters()[0] ?? '';
  }

  /** @param heardBy controllers that hear heartbeats */
  run(ms: number, heardBy = ALL): this {
    for (let passed = 0; passed < ms; passed += 200) {
      for (const agent of this.agents) agent.beat(...heardBy);
      this.c.run(200);
    }
    return this;
  }

  said(part: string): number {
    return this.c.logs.filter(({ message }) => message.includes(part)).length;
  }
}

describe('a master that asks by multicast', () => {
  it('does so once per round, and nobody else does', () => {
    const cluster = new Cluster();
    const before = cluster.asked;
    cluster.run(10 * roundMs);
    expect(cluster.asked - before).toBe(10);
    expect(new Cluster(false).asked).toBe(0);
  });

  it('says once who is silent, and once that all are well again', () => {
    const cluster = new Cluster();
    cluster.reaches = (_, node) => node !== 'node-2';
    cluster.run(LONG_MS);
    expect(cluster.said('do not answer multicast, and others do')).toBe(1);
    cluster.reaches = () => true;
    cluster.run(LONG_MS);
    expect(cluster.said('every node answers multicast')).toBe(1);
  });

  it('hands over when it reaches no node any more and hears none, although the controllers follow it', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    const others = ALL.filter((id) => id !== master);
    cluster.reaches = (id) => id !== master;
    cluster.run(LONG_MS, others);
    expect(cluster.master).not.toBe(master);
    expect(cluster.c.changes.findLast(({ kind }) => kind === 'deposed')?.reason).toMatch('this host is cut off');
    const elections = cluster.c.changes.length;
    cluster.run(20_000, others);
    expect(cluster.c.changes).toHaveLength(elections);
  });

  it('stays while heartbeats arrive: the network does not carry multicast', () => {
    const cluster = new Cluster();
    const { master } = cluster;
    cluster.reaches = () => false;
    cluster.run(20_000);
    expect(cluster.master).toBe(master);
    expect(cluster.said('the network does not carry it')).toBe(1);
  });
});
