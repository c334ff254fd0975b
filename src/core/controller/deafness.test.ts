import { beforeEach, describe, expect, it } from '@jest/globals';
import { Controllers } from '../../testing/controllers.ts';
import { applied, healthReport, held, link, v } from '../../testing/core-builders.ts';
import { LeasingAgent } from '../../testing/leasing-agent.ts';
import { poolName } from '../ids.ts';

const ALL = ['c1', 'c2', 'c3'];
const manifest = { uid: 'u', generation: 1, createdAt: '2026-01-01T00:00:00Z', deleting: false, status: undefined };

describe('a master that does not hear a node which others hear', () => {
  let c: Controllers;
  let master: string;
  let others: readonly string[];
  let agents: readonly LeasingAgent[];

  beforeEach(() => {
    c = new Controllers(3).startAll();
    // Nobody does as it is told here: the VIP waits for everybody of whom the master knows nothing.
    const spec = { addresses: ['192.0.2.1'], interface: { names: ['s0'] } };
    c.declare({ pools: [{ ...manifest, name: poolName('nas'), spec }] });
    c.run(3_000);
    [master = ''] = c.masters();
    others = ALL.filter((id) => id !== master);
    agents = ['node-1', 'node-2', 'node-3'].map((name, index) => new LeasingAgent(c, name, index + 1));
    for (const agent of agents) agent.greet(...ALL);
  });

  /** Heartbeats of each agent to those that hear it. */
  const keep = (ms: number, ...heard: readonly (readonly string[])[]): void => {
    for (let passed = 0; passed < ms; passed += 200) {
      agents.forEach((agent, index) => agent.beat(...(heard[index] ?? ALL)));
      c.run(200);
    }
  };

  it('hands over to one that does, once the node had time to connect again', () => {
    keep(1_000);
    keep(1_600, others);
    expect(c.masters()).toEqual([master]);
    keep(1_000, others);
    const [now = ''] = c.masters();
    expect(others).toContain(now);
    expect(c.changes.at(-2)?.reason).toBe(`it does not hear node-1, which ${now} hears`);
    keep(20_000, others);
    expect(c.masters()).toEqual([now]);
  });

  it('stays for half a minute where no VIP waits, and people are told', () => {
    c.declare({ pools: [] });
    keep(1_000);
    keep(29_000, others);
    expect(c.masters()).toEqual([master]);
    keep(2_000, others);
    expect(others).toContain(c.masters()[0]);
  });

  it('hands over soon where no node that it hears may have a VIP', () => {
    // As after a power cut of the only other node of the pool: nobody is known to hold it, and nobody is asked to let go.
    const spec = { addresses: ['192.0.2.1'], interface: { names: ['none'] } };
    c.declare({ pools: [{ ...manifest, name: poolName('nas'), spec }] });
    keep(1_000);
    keep(3_000, others);
    expect(others).toContain(c.masters()[0]);
  });

  describe('that told what it holds', () => {
    const tellHeld = (): void => {
      const [agent] = agents;
      if (!agent) throw new Error('no agent');
      const told = c.told.findLast((item) => item.session === 1 && item.message.kind === 'assignment');
      const version = told?.message.kind === 'assignment' ? told.message.version : 0;
      const { lease, name } = agent;
      const report = applied(name, { lease, term: c.changes.at(-1)?.term, version, held: [held(v('192.0.2.1'))] });
      for (const to of ALL) c.agentSays(to, 1, { kind: 'applied', ...report });
    };

    it('stays for half a minute, as that VIP is held', () => {
      keep(1_000);
      tellHeld();
      keep(20_000, others);
      expect(c.masters()).toEqual([master]);
    });

    it('hands over soon where it told that to another master: it may have let go since', () => {
      keep(1_000);
      tellHeld();
      c.resign(master);
      c.run(50);
      const [deaf = ''] = c.masters();
      expect(deaf).not.toBe(master);
      keep(
        5_000,
        ALL.filter((id) => id !== deaf),
      );
      expect(c.masters()).not.toEqual([deaf]);
    });
  });

  it('stays where nobody hears the node', () => {
    keep(1_000);
    keep(20_000, []);
    expect(c.masters()).toEqual([master]);
  });

  it('stays where each of the others misses a node that it hears itself', () => {
    keep(1_000);
    const [first = '', second = ''] = others;
    keep(20_000, others, [master, first], [master, second]);
    expect(c.masters()).toEqual([master]);
  });

  it('hands over to the one that misses nothing', () => {
    keep(1_000);
    const [first = '', second = ''] = others;
    keep(5_000, [first, second], [master, first]);
    expect(c.masters()).toEqual([first]);
  });

  it('stays where the node of the one that hears more is ill', () => {
    const [first = '', second = ''] = others;
    const down = { interfaces: [link({ carrier: false })] };
    for (const id of others) {
      const beside = new LeasingAgent(c, `node-of-${id}`, ALL.length + Number(id.slice(1)));
      beside.greet(...ALL);
      const message = { kind: 'health', ...healthReport({ number: 2, ...(id === first ? down : {}) }) } as const;
      for (const to of ALL) c.agentSays(to, ALL.length + Number(id.slice(1)), message);
      agents = [...agents, beside];
    }
    keep(1_000);
    keep(5_000, others);
    expect(c.masters()).toEqual([second]);
  });
});
