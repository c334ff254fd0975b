import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

/** Reports how late this process is itself: what it then says about others is to be read with care. */
export class Lateness {
  readonly #ports: { readonly log: Log; readonly metrics: Metrics };
  readonly #warnMs: number;

  /** @param warnMs lateness that is worth a line in the log: a good part of what others wait for us */
  constructor(ports: { readonly log: Log; readonly metrics: Metrics }, warnMs: number) {
    this.#ports = ports;
    this.#warnMs = warnMs;
  }

  note(lateMs: number): void {
    this.#ports.metrics.observe('timer_lateness_seconds', lateMs / 1_000);
    if (lateMs < this.#warnMs) return;
    this.#ports.metrics.count('late_wakeups_total');
    this.#ports.log.log('warn', 'this process woke up late: the host is overloaded or the process was stopped', {
      lateMs: Math.round(lateMs),
    });
  }
}
