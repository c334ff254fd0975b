import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Term } from './checked-material.ts';

export interface ExpiryWatchOptions {
  /** What the certificate is for: "peers", "etcd" or "metrics". */
  readonly use: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Whoever renews certificates does so when a third of their time is left: at a quarter something is wrong. */
const WARN_SHARE = 0.25;
const WARN_EVERY_MS = 24 * 3_600_000;
const EXPIRED_EVERY_MS = 3_600_000;

/** Tells metrics and log in time that a certificate is about to end. */
export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #last: string | undefined;

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
  }

  look({ from, until }: Term): void {
    const { use, clock, log, metrics } = this.#options;
    metrics.gauge('certificate_expiry_seconds', until.getTime() / 1_000, { use });
    const leftMs = until.getTime() - clock.wallNow().getTime();
    const wholeMs = until.getTime() - from.getTime();
    const state = leftMs <= 0 ? 'expired' : leftMs < wholeMs * WARN_SHARE ? 'ending' : 'good';
    const changed = `${state} ${until.getTime()}` !== this.#last;
    this.#last = `${state} ${until.getTime()}`;
    if (state === 'good') return;
    const everyMs = state === 'expired' ? EXPIRED_EVERY_MS : WARN_EVERY_MS;
    if (!changed && clock.now() - this.#loggedAt < everyMs) return;
    this.#loggedAt = clock.now();
    const fields = { use, until: until.toISOString() };
    if (state === 'expired') log.log('error', 'certificate has expired: no new connection is possible', fields);
    else log.log('warn', 'certificate expires soon and was not renewed', fields);
  }
}
