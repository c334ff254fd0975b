import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { controllerId } from '../../core/ids.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { realClock as clock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { AgentSide, ControllerSide } from '../../testing/wire-sides.ts';
import { GrpcAgentServer } from '../grpc/grpc-agent-server.ts';
import { GrpcControllerLink } from '../grpc/grpc-controller-link.ts';
import { GrpcServer } from '../grpc/grpc-server.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { rememberNames } from './remembered-names.ts';

const C1 = controllerId('c1');
const never = new Promise<readonly string[]>(() => undefined);

let port: number;
let ports: RecordedPorts;
let controller: ControllerSide;
let agent: AgentSide;
let answer: () => Promise<readonly string[]>;
let questions: number;

const newController = (host = '127.0.0.1'): ControllerSide =>
  new ControllerSide(
    new GrpcAgentServer({
      server: new GrpcServer({ listen: `${host}:${port}`, clock, log: ports.log, metrics: ports.metrics }),
      clock,
      log: ports.log,
      metrics: ports.metrics,
    }),
  );

const connections = (): number => agent.events.filter(({ kind }) => kind === 'connected').length;

beforeEach(async () => {
  port = await freePort();
  ports = new RecordedPorts();
  questions = 0;
  answer = () => Promise.resolve(['127.0.0.1']);
  rememberNames(clock, () => {
    questions += 1;
    return answer();
  });
  controller = newController();
  await controller.start();
  const controllers = [{ id: C1, address: `controller-0.example:${port}` }];
  agent = new AgentSide(new GrpcControllerLink({ clock, random, sockets, log: ports.log, metrics: ports.metrics }));
  agent.link.connect(controllers);
  await agent.start();
  await eventually(connections, (count) => count === 1);
});

afterEach(async () => {
  await agent.stop();
  await controller.stop();
});

test.each([
  ['says nothing', () => never],
  ['fails', () => Promise.reject(new Error('EAI_AGAIN'))],
])('an agent finds a controller that restarts while the name server %s', async (_, away) => {
  // From then on an answer of old counts only because no new one comes.
  await pause(1_000);
  answer = away;
  for (let restart = 1; restart <= 3; restart++) {
    await controller.stop();
    controller = newController();
    await controller.start();
    const beganAtMs = clock.now();
    await eventually(connections, (count) => count === 1 + restart);
    // The longest wait between two attempts, and the patience with the name server.
    expect(clock.now() - beganAtMs).toBeLessThan(2_000);
  }
  expect(questions).toBeGreaterThan(1);
});

test('an agent goes to where its controller has moved', async () => {
  answer = () => Promise.resolve(['127.0.0.2']);
  await controller.stop();
  controller = newController('127.0.0.2');
  await controller.start();
  await eventually(connections, (count) => count === 2);
});
