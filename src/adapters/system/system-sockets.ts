import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Sockets, SocketScope } from '../../ports/sockets.ts';

/** Whose connections the code that runs now begins. */
const current = new AsyncLocalStorage<Scope>();
let watching = false;

class Scope implements SocketScope {
  readonly #sockets = new Set<Socket>();
  #closed = false;

  run<T>(action: () => T): T {
    if (!watching) {
      watching = true;
      // Node says here which socket is about to connect, while the code that asked for it is still on the stack.
      subscribe('net.client.socket', (message) => current.getStore()?.add((message as { socket: Socket }).socket));
    }
    return current.run(this, action);
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Not at once: the call that connects it comes after this one, and would bring it back to life.
    if (this.#closed) process.nextTick(() => socket.destroy());
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

export const systemSockets: Sockets = {
  scope: () => new Scope(),
  outside: (action) => current.exit(action),
};
