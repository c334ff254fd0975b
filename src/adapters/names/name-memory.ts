import { isIP } from 'node:net';
import type { Clock } from '../../ports/clock.ts';

/** All addresses of a name; rejects where nobody knows it or nobody can be asked. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** A name server that needs longer is waited for only where no address of the name is known. */
export const PATIENCE_MS = 200;
/** So long an answer is taken as it is: who calls again and again does not ask each time. */
const FRESH_MS = 1_000;
/** Each question blocks one of the four threads that also read files, for as long as name servers say nothing. */
export const MOST_QUESTIONS = 2;

interface Question {
  readonly answer: Promise<readonly string[]>;
  /** Resolves when nobody who knows better waits for the answer any more. */
  readonly patience: Promise<void>;
}

interface Known {
  readonly addresses: readonly string[];
  readonly atMs: number;
}

/**
 * Addresses of names, asked anew each time, and those of the last good answer where none comes: a cluster whose name
 * servers are away goes on. An address that belongs to somebody else meanwhile does no harm: who answers there has to
 * prove who it is.
 */
export class NameMemory {
  readonly #lookup: Lookup;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #open = new Map<string, Question>();
  readonly #waiting: (() => void)[] = [];
  #asking = 0;

  constructor(lookup: Lookup, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** Rejects as the lookup does, where the name was never known. */
  async addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const known = this.#known.get(host);
    if (known && this.#clock.now() - known.atMs < FRESH_MS) return known.addresses;
    const { answer, patience } = this.#open.get(host) ?? this.#ask(host);
    if (!known) return await answer;
    return await Promise.race([answer.catch(() => known.addresses), patience.then(() => known.addresses)]);
  }

  #ask(host: string): Question {
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#clock.after(PATIENCE_MS, resolve);
    });
    const answer = this.#answer(host).finally(() => {
      cancel();
      this.#open.delete(host);
    });
    // Who has an address of old does not wait to hear that there is no new one.
    answer.catch(() => undefined);
    const question = { answer, patience };
    this.#open.set(host, question);
    return question;
  }

  async #answer(host: string): Promise<readonly string[]> {
    if (this.#asking >= MOST_QUESTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#asking += 1;
    try {
      const addresses = await this.#lookup(host);
      if (addresses.length === 0) throw new Error(`the name ${host} has no address`);
      this.#known.set(host, { addresses, atMs: this.#clock.now() });
      return addresses;
    } finally {
      // The place goes on to the next one.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#asking -= 1;
    }
  }
}
