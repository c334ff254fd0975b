import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { KeyMaterial } from '../ports/credentials.ts';

/** A connection by hand, of somebody who verifies nothing. */
export function dialTls(port: number, material?: KeyMaterial, options: ConnectionOptions = {}): TLSSocket {
  const pair = material && { cert: material.certificate, key: material.privateKey };
  const own = { ...pair, host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  return connectTls({ ...own, ...options }).on('error', () => undefined);
}

export const dialTcp = (port: number): Socket => connectTcp(port, '127.0.0.1').on('error', () => undefined);

/** Resolves when the other side has ended the connection, with the milliseconds until then. */
export function hungUp(socket: Socket): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    socket.once('close', () => resolve(performance.now() - begun));
    socket.resume();
  });
}
