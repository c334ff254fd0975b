/** What every controller keeps of a node that fails again and again, whoever is master. */
import { expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { healthReport, link } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { nodeName, poolName } from '../ids.ts';
import type { PoolManifest } from '../manifest.ts';

const ALL = ['c1', 'c2', 'c3'];
const NODE = nodeName('node-1');
const POOL: PoolManifest = {
  name: poolName('nas'),
  uid: 'u',
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  status: undefined,
  spec: { addresses: ['192.0.2.1'], interface: { names: ['s0'] } },
};

class Cluster {
  readonly c = new Controllers(3).startAll();
  readonly agents = [1, 2].map((session) => new LeasingAgent(this.c, `node-${session}`, session));
  #number = 1;

  constructor() {
    this.drain(false);
    this.run(3_000);
    for (const agent of this.agents) agent.greet(...ALL);
    for (const session of [1, 2]) this.carrier(session, true);
    this.run(3_000);
  }

  carrier(session: number, isUp: boolean): this {
    const report = healthReport({ number: ++this.#number, interfaces: [link({ carrier: isUp })] });
    for (const to of ALL) this.c.agentSays(to, session, { kind: 'health', ...report });
    return this.run(200);
  }

  drain(maintenance: boolean): this {
    this.c.declare({ pools: [POOL], nodes: [{ name: NODE, spec: { maintenance }, status: undefined }] });
    return this.run(200);
  }

  run(ms: number): this {
    for (let passed = 0; passed < ms; passed += 200) {
      for (const agent of this.agents) agent.beat(...ALL);
      this.c.run(200);
    }
    return this;
  }

  get faults(): readonly (number | undefined)[] {
    return ALL.map((id) => this.c.state(id).nodes.get(NODE)?.flaps.faults.length);
  }
}

it('all of them count its faults', () => {
  const cluster = new Cluster();
  for (let time = 0; time < 2; time++) cluster.carrier(1, false).carrier(1, true);
  expect(cluster.faults).toEqual([2, 2, 2]);
});

it('all of them forget these when the node was drained', () => {
  const cluster = new Cluster().carrier(1, false).carrier(1, true).drain(true).carrier(1, false).carrier(1, true);
  cluster.drain(false);
  expect(cluster.faults).toEqual([0, 0, 0]);
  expect(cluster.carrier(1, false).carrier(1, true).faults).toEqual([1, 1, 1]);
});
