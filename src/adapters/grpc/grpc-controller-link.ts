import type { ControllerId } from '../../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ControllerLink, ControllerLinkEvent } from '../../ports/controller-link.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import { ControllerStream } from './controller-stream.ts';
import { Refusals } from './refusals.ts';
import { SESSION } from './session-method.ts';

export interface ControllerLinkOptions {
  readonly controllers: readonly { readonly id: ControllerId; readonly address: string }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The agent's side: one stream to every controller. */
export class GrpcControllerLink implements ControllerLink {
  readonly #options: ControllerLinkOptions;
  readonly #streams = new Map<ControllerId, ControllerStream<AgentMessage, ControllerMessage>>();

  constructor(options: ControllerLinkOptions) {
    this.#options = options;
  }

  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void> {
    const refusals = new Refusals(this.#options);
    for (const { id, address } of this.#options.controllers) {
      const stream = new ControllerStream<AgentMessage, ControllerMessage>(
        { ...this.#options, method: SESSION, isPassing: ({ kind }) => kind === 'heartbeat', address, refusals },
        (event) => onEvent({ ...event, controller: id }),
      );
      this.#streams.set(id, stream);
      stream.open();
    }
    return Promise.resolve();
  }

  send(controller: ControllerId, message: AgentMessage): void {
    this.#streams.get(controller)?.send(message);
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#streams.values(), (stream) => stream.close()));
  }
}
