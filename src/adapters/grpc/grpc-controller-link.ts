import { controllerIdentity } from '../../core/identity.ts';
import type { ElectorateMember } from '../../core/electorate.ts';
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
  readonly #refusals: Refusals;
  readonly #securityOf: ReturnType<typeof callSecurity>;
  #controllers: readonly ElectorateMember[] = [];
  #onEvent: ((event: ControllerLinkEvent) => void) | undefined;

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
    this.#securityOf = callSecurity(options);
  }

  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    this.connect(this.#controllers);
    return Promise.resolve();
  }

  connect(controllers: readonly ElectorateMember[]): void {
    this.#controllers = controllers;
    const onEvent = this.#onEvent;
    if (!onEvent) return;
    for (const [id, stream] of this.#streams) {
      if (controllers.some((wanted) => wanted.id === id && wanted.address === stream.address)) continue;
      this.#streams.delete(id);
      void stream.close();
      onEvent({ kind: 'disconnected', controller: id });
    }
    for (const { id, address } of controllers) if (!this.#streams.has(id)) this.#open(id, address, onEvent);
  }

  #open(id: ControllerId, address: string, onEvent: (event: ControllerLinkEvent) => void): void {
    const options = {
      ...this.#options,
      address,
      security: this.#securityOf(controllerIdentity(id)),
      refusals: this.#refusals,
      method: SESSION,
    };
    const stream = new ClientStream(options, (event) => {
      const told = eventOf(event, id);
      if (told) onEvent(told);
    });
    this.#streams.set(id, stream);
    stream.open();
  }

  send(controller: ControllerId, message: AgentMessage): void {
    const stream = this.#streams.get(controller);
    // A heartbeat that would have to queue is worth nothing; everything else is state and must arrive.
    if (message.kind === 'heartbeat' && !stream?.ready) return;
    stream?.write(message);
  }

  async stop(): Promise<void> {
    this.#onEvent = undefined;
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
