import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ControllerMessage } from '../../core/messages.ts';
import type { AgentWords, ControllerWords } from './session-method.ts';

/**
 * What one session still has to say. State waits its turn, the newest of its kind alone: an assignment, a
 * configuration and an electorate are the whole truth, and so is a bar about its node. The answer to a heartbeat goes out at once; one that would have to queue is
 * worth nothing when it arrives.
 */
export class Outbox {
  readonly #call: ServerDuplexStream<AgentWords, ControllerWords>;
  readonly #waiting = new Map<string, ControllerMessage>();
  #sending = false;

  constructor(call: ServerDuplexStream<AgentWords, ControllerWords>) {
    this.#call = call;
  }

  send(message: ControllerMessage): void {
    switch (message.kind) {
      case 'ack':
      case 'nack':
        if (!this.#call.writableNeedDrain) this.#call.write({ ok: true, value: message });
        return;
      case 'assignment':
      case 'config':
      case 'electorate':
        return this.#enqueue(message.kind, message);
      case 'bar':
        return this.#enqueue(`bar ${message.node}`, message);
    }
  }

  #enqueue(subject: string, message: ControllerMessage): void {
    this.#waiting.set(subject, message);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    const [next] = this.#waiting;
    if (this.#sending || !next) return;
    const [subject, message] = next;
    this.#waiting.delete(subject);
    this.#sending = true;
    this.#call.write({ ok: true, value: message }, (error?: Error | null) => {
      this.#sending = false;
      if (!error) this.#sendWaiting();
    });
  }
}
