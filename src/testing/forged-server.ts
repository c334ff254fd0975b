import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A TCP server in this process that answers what a test wants. */
export interface ForgedServer {
  readonly host: string;
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** Resolves once every connection that was made is closed. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

/** @param talk called with each connection @param host default 127.0.0.1 */
export async function forgedServer(talk: (socket: Socket) => void, host = '127.0.0.1'): Promise<ForgedServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    talk(socket);
    // The end of a connection is seen only by who reads.
    socket.resume();
  }).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host,
    port: address.port,
    open: () => sockets.size,
    allClosed: async () => {
      const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));
      while (sockets.size > 0) await Promise.all([...sockets].map(closed));
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Answers the first bytes of each connection with `bytes`, and keeps the connection. */
export const answering =
  (...chunks: readonly Uint8Array[]) =>
  (socket: Socket): void => {
    socket.once('data', () => {
      for (const chunk of chunks) socket.write(chunk);
    });
  };
