import { controllerIdentity } from '../../core/identity.ts';
import type { ControllerId } from '../../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControllerLink, ControllerLinkEvent } from '../../ports/controller-link.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Sockets } from '../../ports/sockets.ts';
import { ClientStream, type ClientStreamEvent } from './client-stream.ts';
import { callSecurity } from './credentials.ts';
import { Refusals } from './refusals.ts';
import { SESSION } from './session-method.ts';

export interface ControllerLinkOptions {
  readonly controllers: readonly { readonly id: ControllerId; readonly address: string }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  /** Undefined: without encryption. */
  readonly credentials?: Credentials | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The agent's side: one stream to every controller. */
export class GrpcControllerLink implements ControllerLink {
  readonly #options: ControllerLinkOptions;
  readonly #streams = new Map<ControllerId, ClientStream<AgentMessage, ControllerMessage>>();

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
  }

  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void> {
    const refusals = new Refusals(this.#options);
    const securityOf = callSecurity(this.#options);
    for (const { id, address } of this.#options.controllers) {
      const security = securityOf(controllerIdentity(id));
      const stream = new ClientStream({ ...this.#options, address, security, refusals, method: SESSION }, (event) => {
        const told = eventOf(event, id);
        if (told) onEvent(told);
      });
      this.#streams.set(id, stream);
      stream.open();
    }
    return Promise.resolve();
  }

  send(controller: ControllerId, message: AgentMessage): void {
    const stream = this.#streams.get(controller);
    // A heartbeat that would have to queue is worth nothing; everything else is state and must arrive.
    if (message.kind === 'heartbeat' && !stream?.ready) return;
    stream?.write(message);
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#streams.values(), (stream) => stream.close()));
  }
}

function eventOf(
  event: ClientStreamEvent<ControllerMessage>,
  controller: ControllerId,
): ControllerLinkEvent | undefined {
  switch (event.kind) {
    case 'opened':
      return { kind: 'connected', controller };
    case 'message':
      return { ...event, controller };
    case 'drained':
      return undefined;
    case 'closed':
      return { kind: 'disconnected', controller };
  }
}
