import type { VipAddress } from '../../core/ids.ts';
import { ipToBytes, parseIp } from '../../core/ip.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PurgeCounts, Victims } from './connection-purge.ts';

/** Enough for hosts with up to a few thousand connections. */
const FIRST_SLICE_MS = 5;
/** Later the process does nothing else for so long, then for as long nothing of this. */
const SLICE_MS = 2;

/** The work of ending connections, in small steps. */
export type Purge = (victims: Victims, counts: PurgeCounts) => Iterator<void, void>;

/**
 * Ends connections of VIPs that left. A host may have hundreds of thousands, and to look at them all takes long, so
 * this is done in slices: the first one within `drop`, the others from the event loop.
 */
export class ConnectionDropper {
  readonly #purge: Purge;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #waiting = new Set<string>();
  readonly #victims = new Set<string>();
  #work: Iterator<void, void> | undefined;
  #counts: PurgeCounts = { tracked: 0, sockets: 0 };
  #cancel: () => void = () => undefined;

  constructor(purge: Purge, clock: Clock, metrics: Metrics) {
    this.#purge = purge;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** What was ended until the return; the rest goes on by itself and shows in the counter. */
  drop(vips: readonly VipAddress[]): { readonly tracked: number; readonly sockets: number } {
    for (const vip of vips) this.#waiting.add(bytesOf(vip));
    if (this.#work || this.#waiting.size === 0) return { tracked: 0, sockets: 0 };
    this.#begin();
    const counts = this.#counts;
    this.#slice(FIRST_SLICE_MS);
    return { ...counts };
  }

  /** These VIPs are here (again): their connections stay. */
  keep(vips: readonly VipAddress[]): void {
    if (!this.#work) return;
    for (const vip of vips) {
      const bytes = bytesOf(vip);
      this.#waiting.delete(bytes);
      this.#victims.delete(bytes);
    }
  }

  stop(): void {
    this.#cancel();
    this.#work?.return?.();
    this.#work = undefined;
    this.#waiting.clear();
  }

  #begin(): void {
    this.#victims.clear();
    for (const bytes of this.#waiting) this.#victims.add(bytes);
    this.#waiting.clear();
    this.#counts = { tracked: 0, sockets: 0 };
    this.#work = this.#purge(this.#victims, this.#counts);
  }

  #slice(lengthMs: number): void {
    const end = this.#clock.now() + lengthMs;
    while (this.#work) {
      if (this.#work.next().done) this.#finish();
      if (this.#clock.now() >= end) break;
    }
    if (this.#work) this.#cancel = this.#clock.after(SLICE_MS, () => this.#slice(SLICE_MS));
  }

  #finish(): void {
    this.#work = undefined;
    const { tracked, sockets } = this.#counts;
    if (tracked > 0) this.#metrics.count('connections_dropped_total', { kind: 'tracked' }, tracked);
    if (sockets > 0) this.#metrics.count('connections_dropped_total', { kind: 'socket' }, sockets);
    if (this.#waiting.size > 0) this.#begin();
  }
}

/** Bytes of the address as Latin-1 text: a key that is made from a message without parsing it. */
function bytesOf(vip: VipAddress): string {
  const ip = parseIp(vip);
  return ip ? Buffer.from(ipToBytes(ip)).toString('latin1') : '';
}
