import type { Monotonic } from './time.ts';
import { RateLimit } from './rate-limit.ts';

/** Why a connection is not taken. */
export type ConnectionRefusal = 'server-full' | 'too-many' | 'too-fast';

interface Source {
  open: number;
  readonly rate: RateLimit;
}

/** All connections of one port: far more than hosts in the largest cluster, few enough for one process. */
const MAX_OPEN = 4_096;
/** Addresses that are remembered only because they connected a moment ago. */
const MAX_REMEMBERED = 4_096;
/** New connections a second, as a share of those that one address may have open. */
const REFILL_SHARE = 0.25;

/** How many connections one address and all together may have, and how fast it may open new ones. */
export class ConnectionLimits {
  readonly #perAddress: number;
  readonly #sources = new Map<string, Source>();
  #open = 0;

  /** @param perAddress connections that one address may have open at a time */
  constructor(perAddress: number) {
    this.#perAddress = perAddress;
  }

  /** Takes a connection, which `release` must be called for at its end, or says why not. */
  admit(address: string, now: Monotonic): ConnectionRefusal | undefined {
    if (this.#open >= MAX_OPEN) return 'server-full';
    const source = this.#sources.get(address) ?? this.#remember(address, now);
    if (source.open >= this.#perAddress) return 'too-many';
    if (!source.rate.take(now)) return 'too-fast';
    source.open++;
    this.#open++;
    return undefined;
  }

  release(address: string): void {
    const source = this.#sources.get(address);
    if (!source || source.open === 0) return;
    source.open--;
    this.#open--;
  }

  #remember(address: string, now: Monotonic): Source {
    if (this.#sources.size >= MAX_REMEMBERED) this.#forget(now);
    const source = {
      open: 0,
      rate: new RateLimit({ burst: this.#perAddress, perSecond: this.#perAddress * REFILL_SHARE }),
    };
    this.#sources.set(address, source);
    return source;
  }

  /** Those that nothing is lost with; where that is nobody, those without a connection. */
  #forget(now: Monotonic): void {
    const idle = [...this.#sources].filter(([, { open }]) => open === 0);
    const rested = idle.filter(([, { rate }]) => rate.isFull(now));
    for (const [address] of rested.length > 0 ? rested : idle) this.#sources.delete(address);
  }
}
