import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemSockets } from './system-sockets.ts';

describe('a scope of sockets', () => {
  let server: Server;
  let port: number;
  const sockets: Socket[] = [];
  const dial = (): Socket => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  beforeEach(async () => {
    server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  test('cuts its own connections, made or being made, and nobody else’s', async () => {
    const [scope, other] = [systemSockets.scope(), systemSockets.scope()];
    const made = scope.run(dial);
    const [foreign, free] = [other.run(dial), dial()];
    await Promise.all([made, foreign, free].map((socket) => once(socket, 'connect')));
    const making = scope.run(dial);
    expect(making.connecting).toBe(true);
    scope.close();
    expect([made, making, foreign, free].map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
  });

  test('owns what begins later because of it, and after its end nothing gets through', async () => {
    const scope = systemSockets.scope();
    const later = scope.run(async () => {
      await new Promise(setImmediate);
      return dial();
    });
    scope.close();
    const socket = await later;
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  test('does not own what begins because of something that was told to others', async () => {
    const scope = systemSockets.scope();
    const told = scope.run(() => systemSockets.outside(() => new Promise(setImmediate).then(dial)));
    scope.close();
    const socket = await told;
    await once(socket, 'connect');
    expect(socket.destroyed).toBe(false);
  });
});
