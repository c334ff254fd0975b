import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ControllerMessage } from '../../core/messages.ts';
import type { AgentWords, ControllerWords } from './session-method.ts';

/**
 * What one session still has to say. Of assignments at most one is on its way and one, the newest, waits: each is the
 * whole truth. Everything else goes out at once; what would have to queue is said again anyway.
 */
export class Outbox {
  readonly #call: ServerDuplexStream<AgentWords, ControllerWords>;
  #waiting: ControllerMessage | undefined;
  #sending = false;

  constructor(call: ServerDuplexStream<AgentWords, ControllerWords>) {
    this.#call = call;
  }

  send(message: ControllerMessage): void {
    switch (message.kind) {
      case 'ack':
      case 'nack':
      case 'bar':
        if (!this.#call.writableNeedDrain) this.#call.write({ ok: true, value: message });
        return;
      case 'assignment':
        this.#waiting = message;
        this.#sendWaiting();
    }
  }

  #sendWaiting(): void {
    const message = this.#waiting;
    if (this.#sending || !message) return;
    this.#waiting = undefined;
    this.#sending = true;
    this.#call.write({ ok: true, value: message }, (error?: Error | null) => {
      this.#sending = false;
      if (!error) this.#sendWaiting();
    });
  }
}
