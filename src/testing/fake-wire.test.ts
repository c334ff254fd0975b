import { describe, expect, test } from '@jest/globals';
import { type ControllerId, controllerId } from '../core/ids.ts';
import type { ControllerLink } from '../ports/controller-link.ts';
import { wireContract } from './contract/wire.contract.ts';
import { FakeWire } from './fake-wire.ts';
import { VirtualClock } from './virtual-clock.ts';
import { heartbeat, hello } from './wire-messages.ts';
import { AgentSide, ControllerSide } from './wire-sides.ts';

function newLink(wire: FakeWire, controllers: readonly ControllerId[]): ControllerLink {
  const link = wire.newLink();
  link.connect(controllers.map((id) => ({ id, address: '' })));
  return link;
}

describe('FakeWire', () => {
  wireContract(() => {
    const clock = new VirtualClock();
    const wire = new FakeWire(clock);
    return Promise.resolve({
      newServer: (id) => wire.newServer(id),
      newLink: (_node, controllers) => newLink(wire, controllers),
      blackHole: (id) => wire.cut(id),
      heal: (id) => wire.heal(id),
      pass: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    });
  });

  const C1 = controllerId('c1');

  test('delays and loses what it is told to', async () => {
    const clock = new VirtualClock();
    const wire = new FakeWire(clock);
    const controller = new ControllerSide(wire.newServer(C1));
    const agent = new AgentSide(newLink(wire, [C1]));
    await Promise.all([controller.start(), agent.start()]);
    await clock.advance(10);
    wire.delayMs = 300;
    wire.loses = (message) => message.kind === 'heartbeat' && message.sequence === 1;
    agent.link.send(C1, hello('node-a'));
    agent.link.send(C1, heartbeat(1));
    agent.link.send(C1, heartbeat(2));
    await clock.advance(299);
    expect(controller.messages).toEqual([]);
    await clock.advance(1);
    expect(controller.messages.map(({ message }) => message)).toEqual([hello('node-a'), heartbeat(2)]);
  });

  test('carries what was sent during a short cut after it', async () => {
    const clock = new VirtualClock();
    const wire = new FakeWire(clock);
    const controller = new ControllerSide(wire.newServer(C1));
    const agent = new AgentSide(newLink(wire, [C1]));
    await Promise.all([controller.start(), agent.start()]);
    await clock.advance(10);
    wire.cut(C1);
    agent.link.send(C1, hello('node-a'));
    await clock.advance(2_000);
    expect(controller.messages).toEqual([]);
    wire.heal(C1);
    expect(controller.messages).toHaveLength(1);
    expect(agent.isConnected(C1)).toBe(true);
  });
});
