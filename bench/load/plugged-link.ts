import type { ElectorateMember } from '../../src/core/electorate.ts';
import type { ControllerId } from '../../src/core/ids.ts';
import type { AgentMessage } from '../../src/core/messages.ts';
import type { ControllerLink, ControllerLinkEvent } from '../../src/ports/controller-link.ts';

/** A link whose cable can be pulled: nothing passes any more in either direction, and what is open stays open. */
export class PluggedLink implements ControllerLink {
  readonly #link: ControllerLink;
  #plugged = true;

  constructor(link: ControllerLink) {
    this.#link = link;
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  unplug(): void {
    this.#plugged = false;
  }

  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void> {
    return this.#link.start((event) => {
      if (this.#plugged) onEvent(event);
    });
  }

  connect(controllers: readonly ElectorateMember[]): void {
    this.#link.connect(controllers);
  }

  send(controller: ControllerId, message: AgentMessage): void {
    if (this.#plugged) this.#link.send(controller, message);
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }
}
