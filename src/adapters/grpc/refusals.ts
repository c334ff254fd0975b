import type { Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { ConnectionRefusal } from '../../core/connection-limits.ts';
import type { RefusalCause } from './decoded.ts';

/** Label of the counter `connections_refused_total`. */
export type ConnectionRefusalCause =
  | ConnectionRefusal
  /** The TLS handshake failed, or took too long. */
  | 'tls'
  /** A good certificate that speaks for no node and no controller, or for another one than is called. */
  | 'identity'
  /** Newer connections took the place of the oldest one of the same certificate. */
  | 'replaced';

interface Subject {
  readonly line: string;
  readonly count: (metrics: Metrics, reason: string) => void;
}

const MESSAGES: Subject = {
  line: 'message refused',
  count: (metrics, reason) => metrics.count('messages_refused_total', { reason }),
};
const CONNECTIONS: Subject = {
  line: 'connection refused',
  count: (metrics, reason) => metrics.count('connections_refused_total', { reason }),
};
const WAIT_MIN_MS = 10_000;
const WAIT_MAX_MS = 600_000;
/** Pairs of a reason and an address that have lines of their own; beyond that all addresses share those of a reason. */
export const MOST_APART = 256;

/**
 * Counts everything that was refused, and logs the first of each reason and address; of what goes on, ever less often.
 * Each address has its own lines, so that a scanner does not hide the node next to it whose certificate has expired.
 */
export class Refusals<Cause extends string = RefusalCause> {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #subject: Subject;
  /** By reason and address: "tls 10.0.0.7"; by "tls" alone what there was no room for. */
  readonly #logged = new Map<string, Logged>();

  constructor(ports: Ports, subject = MESSAGES) {
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.#metrics = ports.metrics;
    this.#subject = subject;
  }

  /** Of connections instead of messages. */
  static ofConnections(ports: Ports): Refusals<ConnectionRefusalCause> {
    return new Refusals(ports, CONNECTIONS);
  }

  /** @param end address and port of the other side, of which only the address tells one from another */
  refuse(reason: Cause, detail: string, end: string): void {
    this.#subject.count(this.#metrics, reason);
    const peer = plainAddress(end);
    const now = this.#clock.now();
    const key = this.#keyOf(reason, peer, now);
    const last = this.#logged.get(key);
    // After a long quiet time it is news again.
    const goesOn = last !== undefined && now - last.seenAt < WAIT_MAX_MS;
    if (goesOn && now - last.at < last.waitMs) {
      last.seenAt = now;
      last.repeated += 1;
      return;
    }
    const waitMs = goesOn ? Math.min(WAIT_MAX_MS, 2 * last.waitMs) : WAIT_MIN_MS;
    this.#logged.set(key, { at: now, seenAt: now, waitMs, repeated: 0 });
    const repeated = last?.repeated ?? 0;
    this.#log.log('warn', this.#subject.line, { reason, detail, peer, ...(repeated > 0 && { repeated }) });
  }

  #keyOf(reason: Cause, peer: string, now: Monotonic): string {
    const key = `${reason} ${peer.replace(/:\d+$/, '')}`;
    if (this.#logged.has(key)) return key;
    if (this.#logged.size >= MOST_APART) this.#forget(now);
    return this.#logged.size < MOST_APART ? key : reason;
  }

  /** What would be news again anyway. */
  #forget(now: Monotonic): void {
    for (const [key, { seenAt }] of this.#logged) if (now - seenAt >= WAIT_MAX_MS) this.#logged.delete(key);
  }
}

/**
 * As everybody else writes it, who looks for "10.0.0.7" in the logs: on a port of both families the system calls an IPv4
 * address "::ffff:10.0.0.7". A port may follow.
 */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

interface Logged {
  readonly at: Monotonic;
  /** Last of its kind, logged or not. */
  seenAt: Monotonic;
  readonly waitMs: number;
  /** Those since then that were not logged. */
  repeated: number;
}

/** What refusing needs. */
export interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}
