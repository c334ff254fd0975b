import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RefusalCause } from './decoded.ts';

const LOG_EVERY_MS = 10_000;

/** Counts every refused message and logs the first of each kind in ten seconds. */
export class Refusals {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #loggedAt = new Map<RefusalCause, number>();

  constructor(ports: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics }) {
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#metrics = ports.metrics;
  }

  refuse(reason: RefusalCause, detail: string, peer: string): void {
    this.#metrics.count('messages_refused_total', { reason });
    const now = this.#clock.now();
    if (now - (this.#loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return;
    this.#loggedAt.set(reason, now);
    this.#log.log('warn', 'message refused', { reason, detail, peer });
  }
}
