/**
 * Somebody with a network namespace of his own: orders as JSON on standard input, outcomes on standard output. Started by
 * `hostile.ts` in the namespace of a node.
 */
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import type { Manner, Outcome, Words } from './attacks.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export type Order =
  | { readonly kind: 'attack'; readonly manner: Manner; readonly from: string; readonly targets: readonly Target[] }
  | { readonly kind: 'flood'; readonly target: Target; readonly connections: number };

/** Longer than what a port allows for a handshake or a request. */
const CLOSED_WITHIN_MS = 12_000;
/** A call goes on after a refused message; less than what a session may take to begin. */
const CALL_MS = 1_500;
const HEARD_MOST = 64;
const AT_A_TIME = 500;
const FLOODED_WITHIN_MS = 120_000;
/** Flags and length of a message of gRPC. */
const PREFIX_BYTES = 5;

const order = JSON.parse(await text(process.stdin)) as Order;
process.stdout.write(JSON.stringify(order.kind === 'attack' ? await attackAll(order) : await flood(order)));
process.exit();

async function attackAll({ manner, from, targets }: Order & { kind: 'attack' }): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const target of targets) {
    const socket = open(manner, from, target);
    outcomes.push(await (manner.path === undefined ? speak(socket, manner) : call(socket, manner.path, manner)));
    socket.destroy();
  }
  return outcomes;
}

/** Whoever attacks verifies nobody. */
function open({ material }: Manner, localAddress: string, target: Target): Socket {
  const tcp = connect({ ...target, localAddress }).on('error', () => undefined);
  if (!material) return tcp;
  const pair = material === 'anonymous' ? {} : { cert: material.certificate, key: material.privateKey };
  const options = { socket: tcp, ...pair, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  return connectTls(options).on('error', () => undefined);
}

async function speak(socket: Socket, { words }: Manner): Promise<Outcome> {
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1').slice(0, HEARD_MOST - heard.length)));
  for (const part of words) socket.write(bytesOf(part));
  return { isClosed: await closed(socket, CLOSED_WITHIN_MS), heard };
}

async function call(socket: Socket, path: string, { words }: Manner): Promise<Outcome> {
  const session = connectHttp2('https://lab', { createConnection: () => socket }).on('error', () => undefined);
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let heard = '';
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1').slice(0, HEARD_MOST - heard.length)));
  for (const part of words) {
    const message = bytesOf(part);
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.write(Buffer.concat([prefix, message]), () => resolve());
    });
  }
  stream.end();
  const isClosed = await closed(socket, CALL_MS);
  session.destroy();
  return { isClosed, heard };
}

function bytesOf(words: Words): Buffer {
  return 'zeros' in words ? Buffer.alloc(words.zeros) : Buffer.from(words.base64, 'base64');
}

function closed(socket: Socket, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(true);
    const timer = setTimeout(() => resolve(false), withinMs);
    return socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** @returns how many connections the other side has ended, and how long that took. */
function flood({ target, connections }: Order & { kind: 'flood' }): Promise<{ closed: number; ms: number }> {
  const begunAt = performance.now();
  let begun = 0;
  let ended = 0;
  return new Promise((resolve) => {
    const finish = (): void => resolve({ closed: ended, ms: performance.now() - begunAt });
    setTimeout(finish, FLOODED_WITHIN_MS);
    const next = (): void => {
      if (begun++ >= connections) return;
      const socket = connect(target).on('error', () => undefined);
      socket.resume();
      socket.once('close', () => {
        if (++ended === connections) finish();
        else next();
      });
    };
    for (let count = 0; count < AT_A_TIME; count++) next();
  });
}
