/**
 * Services for checks to ask, in a process of their own so that their time is not the agent's. Prints their ports as a
 * line of JSON, and ends with its input. They answer as the real ones do, with recorded lengths of what is not looked at.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ServicePorts {
  readonly tcp: number;
  readonly http: number;
  readonly nfs: number;
  readonly smb: number;
  readonly postgres: number;
}

const u16le = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Answers each piece that arrives. */
const answering =
  (answer: (bytes: Buffer) => Uint8Array | undefined) =>
  (socket: Socket): void => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const reply = answer(bytes);
      if (reply === undefined) socket.end();
      else socket.write(reply);
    });
  };

/** The root file handle was put (NFS 4). */
function nfs(call: Buffer): Buffer {
  const compound = [u32(0), u32(0), u32(1), u32(24), u32(0)];
  const reply = Buffer.concat([call.subarray(4, 8), u32(1), u32(0), u32(0), u32(0), u32(0), ...compound]);
  return Buffer.concat([u32(0x8000_0000 + reply.length), reply]);
}

/** SMB 3.1.1, with the security buffer and the contexts that Samba sends. */
function smb(): Buffer {
  const message = Buffer.alloc(64 + 64 + 74 + 120);
  message.set(Buffer.from('fe534d4240', 'hex'));
  message.set([1], 16);
  message.set(u16le(65), 64);
  message.set(u16le(0x0311), 64 + 4);
  return Buffer.concat([u32(message.length), message]);
}

const postgresMessage = (type: string, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(type), u32(content.length + 4), content]);
const READY = postgresMessage('Z', Buffer.from('I'));
const LOGGED_IN = Buffer.concat([
  postgresMessage('R', u32(0)),
  // As many parameters as version 15 tells.
  ...Array.from({ length: 14 }, () => postgresMessage('S', Buffer.from('some_parameter\0its value\0'))),
  postgresMessage('K', Buffer.alloc(8)),
  READY,
]);
const PRIMARY = Buffer.concat([
  postgresMessage(
    'T',
    Buffer.from(`0001${Buffer.from('standby\0').toString('hex')}000000000000000000100001ffffffff0000`, 'hex'),
  ),
  postgresMessage('D', Buffer.from('00010000000166', 'hex')),
  postgresMessage('C', Buffer.from('SELECT 1\0')),
  READY,
]);
const SSL_REQUEST = 80_877_103;

function postgres(bytes: Buffer): Buffer | undefined {
  if (bytes[0] === 0x58) return undefined;
  if (bytes[0] === 0x51) return PRIMARY;
  return bytes.length === 8 && bytes.readUInt32BE(4) === SSL_REQUEST ? Buffer.from('N') : LOGGED_IN;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ports: ServicePorts = {
  tcp: await listening(createServer(answering(() => undefined))),
  http: await listening(createHttpServer((_, response) => response.end('well\n'))),
  nfs: await listening(createServer(answering(nfs))),
  smb: await listening(createServer(answering(smb))),
  postgres: await listening(createServer(answering(postgres))),
};
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.resume().once('end', () => process.exit(0));
