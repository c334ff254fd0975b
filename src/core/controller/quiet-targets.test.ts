import { expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { applied, held, v } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { poolName } from '../ids.ts';
import type { PoolManifest } from '../manifest.ts';

const ALL = ['c1', 'c2', 'c3'];
const VIP = '192.0.2.1';

const homeAt = (node: string, generation: number): PoolManifest => ({
  name: poolName('nas'),
  uid: 'u',
  generation,
  createdAt: '2026-01-01T00:00:00Z',
  deleting: false,
  spec: {
    addresses: [VIP],
    interface: { names: ['s0'] },
    placement: { homes: { [VIP]: node } },
    failback: { policy: 'Automatic', delay: '0s' },
  },
  status: undefined,
});

/** What the master wants a node to hold; the node does so. */
function obeyed(c: Controllers, agent: LeasingAgent, session: number): readonly string[] {
  const told = c.told.findLast((item) => item.session === session && item.message.kind === 'assignment');
  if (told?.message.kind !== 'assignment') return [];
  const { term, version, vips } = told.message;
  const report = applied(agent.name, {
    lease: agent.lease,
    term,
    version,
    held: vips.map((item) => held(item.vip)),
  });
  for (const id of ALL) c.agentSays(id, session, { kind: 'applied', ...report });
  return vips.map(({ vip }) => vip);
}

it('a VIP stays with its holder until the node that shall have it is heard, of which no event tells', () => {
  const c = new Controllers(3).startAll();
  c.declare({ pools: [homeAt('node-1', 1)] });
  c.run(3_000);
  const agents = [new LeasingAgent(c, 'node-1', 1), new LeasingAgent(c, 'node-2', 2)] as const;
  const heard = (ms: number, ...of: readonly LeasingAgent[]): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      for (const agent of of) if (passed % 200 === 0) agent.beat(...ALL);
      c.run(100);
      for (const [index, agent] of agents.entries()) {
        agent.highestTerm = c.state('c1').master?.term;
        obeyed(c, agent, index + 1);
      }
    }
  };
  for (const agent of agents) agent.greet(...ALL);
  heard(1_000, ...agents);
  expect(obeyed(c, agents[0], 1)).toEqual([v(VIP)]);
  heard(400, agents[0]);
  c.declare({ pools: [homeAt('node-2', 2)] });
  heard(400, agents[0]);
  expect(obeyed(c, agents[0], 1)).toEqual([v(VIP)]);
  heard(400, ...agents);
  expect([obeyed(c, agents[0], 1), obeyed(c, agents[1], 2)]).toEqual([[], [v(VIP)]]);
});
