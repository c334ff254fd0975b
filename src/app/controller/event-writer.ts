import type { ObjectEvent } from '../../core/object-event.ts';
import { OpError } from '../../core/op-error.ts';
import { type Rate, RateLimit } from '../../core/rate-limit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';

interface EventPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Without one, events are in the log alone. */
  readonly events?: EventSink | undefined;
}

/** Events about one object: so many at once, then one in ten seconds. */
const PER_OBJECT: Rate = { burst: 25, perSecond: 0.1 };
/** While they cannot be written, so many of them wait. */
const MAX_WAITING = 1_000;
const RETRY_MS = 5_000;
/** Objects whose rate is remembered, before those that were quiet for long are forgotten. */
const PRUNE_ABOVE = 4_096;

/** Tells events in the log and where people look for them: one at a time, bounded, and nothing ever waits for it. */
export class EventWriter {
  readonly #ports: EventPorts;
  readonly #mayWrite: () => boolean;
  readonly #limits = new Map<string, RateLimit>();
  #waiting: ObjectEvent[] = [];
  #working: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #isFailing = false;
  #stopped = false;

  /** @param mayWrite asked right before every write: a process that slept learns late that its reign has ended. */
  constructor(ports: EventPorts, mayWrite: () => boolean) {
    this.#ports = ports;
    this.#mayWrite = mayWrite;
  }

  tell(events: readonly ObjectEvent[]): void {
    for (const event of events) if (this.#hasRoom(event)) this.#accept(event);
    this.#go();
  }

  /** We are no longer master: the next one tells. */
  pause(): void {
    this.#waiting = [];
    this.#isFailing = false;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.pause();
    await this.#working;
  }

  #accept(event: ObjectEvent): void {
    const { about, type, reason, note } = event;
    this.#ports.log.log('info', 'event', { object: `${about.kind}/${about.name}`, type, reason, note });
    if (!this.#ports.events) return;
    this.#waiting.push(event);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#drop('queue');
    }
  }

  #hasRoom({ about }: ObjectEvent): boolean {
    const now = this.#ports.clock.now();
    const key = `${about.kind}/${about.name}`;
    const limit = this.#limits.get(key) ?? new RateLimit(PER_OBJECT);
    this.#limits.set(key, limit);
    if (this.#limits.size > PRUNE_ABOVE) {
      for (const [other, known] of this.#limits) if (known.isFull(now)) this.#limits.delete(other);
    }
    const hasRoom = limit.take(now);
    if (!hasRoom) this.#drop('rate');
    return hasRoom;
  }

  #drop(reason: 'rate' | 'queue'): void {
    this.#ports.metrics.count('events_dropped_total', { reason });
  }

  #go(): void {
    if (this.#stopped || this.#cancelRetry || this.#waiting.length === 0) return;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      this.#go();
    });
  }

  async #work(): Promise<void> {
    for (let event = this.#waiting[0]; event; event = this.#waiting[0]) {
      if (!this.#mayWrite()) return this.pause();
      try {
        await this.#ports.events?.record(event);
        this.#isFailing = false;
      } catch (err) {
        if (this.#waiting[0] !== event) return;
        this.#complain(err);
        if (!(err instanceof OpError) || err.retryable) return this.#retryLater();
      }
      // After a pause, or when too many wait, it is not the first any more.
      if (this.#waiting[0] === event) this.#waiting.shift();
    }
  }

  #retryLater(): void {
    this.#cancelRetry = this.#ports.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#go();
    });
  }

  /** One line per outage, not one per event. */
  #complain(err: unknown): void {
    this.#ports.log.log(this.#isFailing ? 'debug' : 'warn', 'event not told; it is in the log alone', { err });
    this.#isFailing = true;
  }
}
