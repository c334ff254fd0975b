import { type ClientDuplexStream, Client, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { controllerId } from '../../core/ids.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { realClock as clock, realRandom as random } from '../../testing/real-time.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { SeededRandom } from '../../testing/sim/random.ts';
import { assignment, heartbeat, hello } from '../../testing/wire-messages.ts';
import { AgentSide, ControllerSide } from '../../testing/wire-sides.ts';
import { encodeAgentMessage } from './agent-message-codec.ts';
import { MAX_MESSAGE_BYTES } from './channel-options.ts';
import { systemSockets as sockets } from '../system/system-sockets.ts';
import { decodeControllerMessage } from './controller-message-codec.ts';
import { GrpcAgentServer } from './grpc-agent-server.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { GrpcServer } from './grpc-server.ts';
import { SESSION } from './session-method.ts';

const C1 = controllerId('c1');
const REFUSED = 'messages_refused_total reason=';
const asIs = (bytes: Buffer): Buffer => bytes;

let port: number;
let ports: RecordedPorts;
let controller: ControllerSide;
const clients: Client[] = [];
const links: AgentSide[] = [];

/** A stream to the controller for bytes that no agent would send. */
function rawSession(): ClientDuplexStream<Buffer, Buffer> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  clients.push(client);
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(SESSION.path, asIs, asIs);
  call.on('error', () => undefined);
  return call;
}

async function agent(): Promise<AgentSide> {
  const controllers = [{ id: C1, address: `127.0.0.1:${port}` }];
  const link = new GrpcControllerLink({ clock, random, sockets, log: ports.log, metrics: ports.metrics });
  link.connect(controllers);
  const side = new AgentSide(link);
  links.push(side);
  await side.start();
  return side;
}

const newServer = (): GrpcAgentServer =>
  new GrpcAgentServer({
    server: new GrpcServer({ listen: `127.0.0.1:${port}`, clock, log: ports.log, metrics: ports.metrics }),
    clock,
    log: ports.log,
    metrics: ports.metrics,
  });

const refusals = (): number =>
  [...ports.counts].reduce((sum, [key, count]) => sum + (key.startsWith(REFUSED) ? count : 0), 0);

beforeEach(async () => {
  port = await freePort();
  ports = new RecordedPorts();
  controller = new ControllerSide(newServer());
});
afterEach(async () => {
  await Promise.all(links.splice(0).map((side) => side.stop()));
  for (const client of clients.splice(0)) client.close();
  await controller.stop();
});

describe('a controller that gets nonsense', () => {
  beforeEach(() => controller.start());

  test('refuses and counts each of 200 random messages in one session, logs few, and hears what follows', async () => {
    const call = rawSession();
    call.resume();
    call.write(encodeAgentMessage(hello('node-a')));
    const dice = new SeededRandom(7);
    for (let count = 0; count < 200; count++) {
      // Field 31 is none of ours, so that no random message is a good one by accident.
      const noise = Array.from({ length: Math.floor(dice.fraction() * 60) }, () => Math.floor(dice.fraction() * 256));
      call.write(Buffer.from([0xfa, 0x01, noise.length, ...(count % 2 === 0 ? noise : noise.slice(1))]));
    }
    call.write(encodeAgentMessage(heartbeat(1)));
    await eventually(
      () => controller.messages.length,
      (count) => count === 2,
    );
    expect(refusals()).toBe(200);
    expect(ports.lines.length).toBeLessThan(10);
    expect(ports.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'message refused' }));
  });

  test('stays up under random bytes from the first message on', async () => {
    const dice = new SeededRandom(8);
    const call = rawSession();
    call.resume();
    for (let count = 0; count < 200; count++) {
      call.write(
        Buffer.from(Array.from({ length: 1 + Math.floor(dice.fraction() * 200) }, () => dice.fraction() * 256)),
      );
    }
    await eventually(refusals, (count) => count > 0);
    const healthy = await agent();
    await eventually(
      () => healthy.isConnected(C1),
      (connected) => connected,
    );
    healthy.link.send(C1, hello('node-a'));
    await eventually(
      () => controller.messages.length,
      (count) => count === 1,
    );
  });

  test('refuses a message that is too large, and hears what follows', async () => {
    const call = rawSession();
    call.resume();
    call.write(encodeAgentMessage(hello('node-a')));
    call.write(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    call.write(encodeAgentMessage(heartbeat(1)));
    await eventually(
      () => controller.messages.length,
      (count) => count === 2,
    );
    expect(ports.count(`${REFUSED}too-large`)).toBe(1);
  });

  test('ends a session whose message is larger still, and serves the others', async () => {
    const call = rawSession();
    call.resume();
    call.write(encodeAgentMessage(hello('node-a')));
    call.write(Buffer.alloc(3 * MAX_MESSAGE_BYTES));
    await eventually(
      () => controller.events.at(-1)?.kind,
      (kind) => kind === 'closed',
    );
    const other = rawSession();
    other.resume();
    other.write(encodeAgentMessage(hello('node-b')));
    await eventually(
      () => controller.messages.length,
      (count) => count === 2,
    );
    expect(controller.messages.at(-1)?.message).toEqual(hello('node-b'));
  });
});

describe('an agent that does not read', () => {
  test('gets the newest assignment when it reads again, and few of the others', async () => {
    await controller.start();
    const call = rawSession();
    call.write(encodeAgentMessage(hello('node-a')));
    await eventually(
      () => controller.messages.length,
      (count) => count === 1,
    );
    const session = controller.sessionOf('node-a');
    for (let version = 1; version <= 200; version++) {
      controller.server.send(session, assignment(version, 1_000));
      if (version % 10 === 0) await new Promise(setImmediate);
    }
    const versions: number[] = [];
    call.on('data', (bytes: Buffer) => {
      const words = decodeControllerMessage(bytes);
      if (words.ok && words.value.kind === 'assignment') versions.push(words.value.version);
    });
    await eventually(
      () => versions.at(-1),
      (newest) => newest === 200,
    );
    expect(versions.length).toBeLessThan(20);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });
});

describe('a controller that takes connections and says nothing', () => {
  test('is tried again and again, and found when it answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => socket.destroy()))).listen(
      port,
      '127.0.0.1',
    );
    await once(silent, 'listening');
    const side = await agent();
    await eventually(
      () => sockets.length,
      (count) => count >= 2,
      6_000,
    );
    expect(side.events).toEqual([]);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await once(silent, 'close');
    await controller.start();
    await eventually(
      () => side.isConnected(C1),
      (connected) => connected,
    );
  }, 20_000);
});

test('an address that is taken is an error that says so', async () => {
  await controller.start();
  const second = newServer();
  await expect(second.start(() => undefined)).rejects.toMatchObject({ code: 'InvalidInput' });
  await second.stop();
});

describe('a controller that ends', () => {
  test('takes no connection along that an agent begins because of its words', async () => {
    const service = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const dialled: Socket[] = [];
    const dial = (): void => {
      dialled.push(connect((service.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined));
    };
    const side = await agent();
    side.react = dial;
    await controller.start();
    await eventually(
      () => dialled[0]?.readyState,
      (state) => state === 'open',
    );
    side.react = () => undefined;
    await controller.stop();
    await eventually(
      () => side.isConnected(C1),
      (connected) => !connected,
    );
    expect(dialled.map(({ destroyed }) => destroyed)).toEqual([false]);
    for (const socket of dialled) socket.destroy();
    service.close();
  });
});
