import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ControllerId, controllerId, type NodeName, nodeName } from '../../core/ids.ts';
import type { AgentServer } from '../../ports/agent-server.ts';
import type { ControllerLink } from '../../ports/controller-link.ts';
import { AgentSide, ControllerSide } from '../wire-sides.ts';
import { ack, assignment, config, heartbeat, hello } from '../wire-messages.ts';

/** Controllers c1 and c2 with a network to any number of agents. */
export interface WireHarness {
  /** The controller's side; another one of the same id takes its place when it is started after the first was stopped. */
  newServer(id: ControllerId): AgentServer;
  newLink(node: NodeName, controllers: readonly ControllerId[]): ControllerLink;
  /** Streams that exist carry nothing any more, without a word to either side. */
  blackHole(id: ControllerId): void;
  /** The way is good again, at least for new streams. */
  heal(id: ControllerId): void;
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const C1 = controllerId('c1');
const C2 = controllerId('c2');
const WITHIN_MS = 30_000;

/** What AgentServer and ControllerLink promise to each other; `open` makes a new network for one test. */
export function wireContract(open: () => Promise<WireHarness>): void {
  let harness: WireHarness;
  let one: ControllerSide;
  const sides: { stop(): Promise<void> }[] = [];
  const serve = async (id: ControllerId): Promise<ControllerSide> => {
    const side = new ControllerSide(harness.newServer(id));
    sides.push(side);
    await side.start();
    return side;
  };
  const linkOf = async (node: NodeName, ...controllers: ControllerId[]): Promise<AgentSide> => {
    const side = new AgentSide(harness.newLink(node, controllers));
    sides.push(side);
    await side.start();
    return side;
  };
  const link = (...controllers: ControllerId[]): Promise<AgentSide> => linkOf(nodeName('node-a'), ...controllers);
  const until = async (holds: () => boolean, withinMs = 10_000): Promise<void> => {
    for (let waited = 0; !holds() && waited < withinMs; waited += 20) await harness.pass(20);
    expect(holds()).toBe(true);
  };
  const greet = async (agent: AgentSide, node = 'node-a'): Promise<void> => {
    await until(() => agent.isConnected(C1));
    const before = one.messages.length;
    agent.link.send(C1, hello(node));
    await until(() => one.messages.length > before);
  };

  beforeEach(async () => {
    harness = await open();
    one = await serve(C1);
  });
  afterEach(async () => {
    await Promise.all(sides.splice(0).map((side) => side.stop()));
    await harness.dispose();
  });

  describe('a session', () => {
    test('carries messages both ways, unchanged and in order', async () => {
      const agent = await link(C1);
      await greet(agent);
      for (const sequence of [1, 2, 3]) agent.link.send(C1, heartbeat(sequence));
      await until(() => one.messages.length === 4);
      expect(one.messages.map(({ message }) => message)).toEqual([
        hello('node-a'),
        heartbeat(1),
        heartbeat(2),
        heartbeat(3),
      ]);
      const session = one.sessionOf('node-a');
      one.server.send(session, ack(1));
      one.server.send(session, assignment(1));
      one.server.send(session, config(1));
      await until(() => agent.messages.length === 3);
      expect(agent.messages).toEqual([
        { controller: C1, message: ack(1) },
        { controller: C1, message: assignment(1) },
        { controller: C1, message: config(1) },
      ]);
    });

    test('is one of several: nobody gets what was sent to another', async () => {
      await serve(C2);
      const first = await link(C1, C2);
      const second = await linkOf(nodeName('node-b'), C1);
      await until(() => first.isConnected(C2));
      await greet(first, 'node-a');
      await greet(second, 'node-b');
      one.server.send(one.sessionOf('node-b'), ack(7));
      await until(() => second.messages.length === 1);
      expect(first.messages).toEqual([]);
    });

    test('that begins without hello is closed, and nothing of it is passed on', async () => {
      const agent = await link(C1);
      await until(() => agent.isConnected(C1));
      agent.link.send(C1, heartbeat(1));
      await until(() => agent.events.some(({ kind }) => kind === 'disconnected'));
      expect(one.events).toEqual([]);
      await until(() => agent.isConnected(C1));
      await greet(agent);
    });

    test('ends when the agent stops: what it said before arrives first, and it does not come back', async () => {
      const agent = await link(C1);
      await greet(agent);
      agent.link.send(C1, { kind: 'goodbye', reason: 'test' });
      await agent.stop();
      await until(() => one.events.some(({ kind }) => kind === 'closed'));
      expect(one.messages.at(-1)?.message).toEqual({ kind: 'goodbye', reason: 'test' });
      const seen = [one.events.length, agent.events.length];
      await harness.pass(1_500);
      expect([one.events.length, agent.events.length]).toEqual(seen);
      one.server.send(one.sessionOf('node-a'), ack(1));
    });
  });

  describe('the link', () => {
    test('keeps trying until the controller is there', async () => {
      const agent = await link(C2);
      agent.link.send(C2, hello('node-a'));
      await harness.pass(1_500);
      expect(agent.events).toEqual([]);
      await serve(C2);
      await until(() => agent.isConnected(C2), 1_500);
    });

    test('is back within a second of the restart of its controller', async () => {
      const agent = await link(C1);
      await greet(agent);
      await one.stop();
      await until(() => !agent.isConnected(C1));
      await harness.pass(1_000);
      one = await serve(C1);
      await until(() => agent.isConnected(C1), 1_000);
      await greet(agent);
    });

    test(
      'and the controller both give up a stream that carries nothing; the link comes back when it can',
      async () => {
        const agent = await link(C1);
        await greet(agent);
        harness.blackHole(C1);
        await until(() => !agent.isConnected(C1) && one.events.some(({ kind }) => kind === 'closed'), 6_000);
        harness.heal(C1);
        await until(() => agent.isConnected(C1), 3_000);
        await greet(agent);
      },
      WITHIN_MS,
    );
  });

  test(
    'both sides stop in time, also when the other one is dead',
    async () => {
      const agent = await link(C1);
      await greet(agent);
      harness.blackHole(C1);
      let stopped = 0;
      for (const side of [agent, one]) void side.stop().then(() => stopped++);
      await until(() => stopped === 2, 2_000);
    },
    WITHIN_MS,
  );
}
