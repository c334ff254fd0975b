import type { ObjectEvent } from '../core/object-event.ts';
import type { EventSink } from '../ports/event-sink.ts';

/** Keeps events with their counts, as an API server does that counts without end. */
export class FakeEventSink implements EventSink {
  readonly #events = new Map<string, { readonly event: ObjectEvent; readonly count: number }>();
  readonly #exists: (event: ObjectEvent) => boolean;
  /** Every call fails with this while it is set. */
  failure: Error | undefined;

  /** @param exists whether there is such an object; default yes */
  constructor(exists: (event: ObjectEvent) => boolean = () => true) {
    this.#exists = exists;
  }

  async record(event: ObjectEvent): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.#exists(event)) return;
    const key = JSON.stringify(event);
    this.#events.set(key, { event, count: (this.#events.get(key)?.count ?? 0) + 1 });
  }

  /** In the order in which they were told first. */
  get told(): readonly { readonly event: ObjectEvent; readonly count: number }[] {
    return [...this.#events.values()];
  }
}
