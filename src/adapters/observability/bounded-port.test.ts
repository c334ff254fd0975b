import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../testing/eventually.ts';
import { freePort } from '../../testing/free-port.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { BoundedPort, CONNECTION_MS, CONNECTIONS_OF_THIS_HOST } from './bounded-port.ts';

const HERE = '127.0.0.1';
const ELSEWHERE = '127.0.0.2';

let clock: VirtualClock;
let ports: RecordedPorts;
let bounded: BoundedPort;
let port: number;
let dialled: Socket[];

beforeEach(async () => {
  clock = new VirtualClock();
  ports = new RecordedPorts();
  dialled = [];
  port = await freePort();
  bounded = new BoundedPort({
    clock,
    metrics: ports.metrics,
    onConnection: (socket) => socket.on('data', (bytes) => socket.end(bytes)),
  });
  await bounded.open(HERE, port);
});
afterEach(async () => {
  for (const socket of dialled) socket.destroy();
  await bounded.close();
});

async function dial(from: string): Promise<Socket> {
  const socket = connect({ host: HERE, port, localAddress: from });
  socket.on('error', () => undefined);
  dialled.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Whether somebody who connects now and says something is answered. */
async function isAnswered(from: string): Promise<boolean> {
  const socket = await dial(from);
  let answer = '';
  socket.on('data', (bytes) => (answer += String(bytes)));
  socket.write('hello');
  await once(socket, 'close');
  return answer === 'hello';
}

const closed = (): number => dialled.filter((socket) => socket.closed).length;
const refused = (): number => ports.count('connections_refused_total reason=too-many');

test('whoever fills the port from another host is refused, and nobody else', async () => {
  for (let count = 0; count < 100; count++) await dial(ELSEWHERE);
  await eventually(closed, (count) => count === 100 - 32);
  expect(refused()).toBe(100 - 32);
  expect(await isAnswered(ELSEWHERE)).toBe(false);
  expect(await isAnswered(HERE)).toBe(true);
  expect(await isAnswered('127.0.0.3')).toBe(true);
});

test('whoever fills it from this host is cut off for those that come after', async () => {
  for (let count = 0; count < CONNECTIONS_OF_THIS_HOST + 100; count++) await dial(HERE);
  await eventually(closed, (count) => count === 100);
  expect(refused()).toBe(100);
  expect(dialled.findIndex((socket) => !socket.closed)).toBe(100);
  for (let probe = 0; probe < 5; probe++) expect(await isAnswered(HERE)).toBe(true);
});

test('a connection on which a request never ends is cut', async () => {
  const [here, elsewhere] = [await dial(HERE), await dial(ELSEWHERE)];
  await eventually(
    () => clock.pending,
    (timers) => timers === 2,
  );
  await clock.advance(CONNECTION_MS - 1);
  expect([here.closed, elsewhere.closed]).toEqual([false, false]);
  await clock.advance(1);
  await eventually(closed, (count) => count === 2);
  expect(clock.pending).toBe(0);
});
