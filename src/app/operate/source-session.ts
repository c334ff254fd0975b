import { OpError } from '../../core/op-error.ts';
import type { Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Source, SourceSnapshot } from '../../ports/source.ts';

/** What somebody waits for may also depend on how long nothing has changed. */
const LOOK_EVERY_MS = 250;

/** A source followed by a command: the first fault before anything was read ends it, later ones are waited out. */
export class SourceSession {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #latest: SourceSnapshot | undefined;
  #fault: Error | undefined;

  constructor(source: Source, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  start(): void {
    this.#source.start(
      (snapshot) => {
        this.#latest = snapshot;
        this.#wake();
      },
      (error) => {
        this.#fault = error;
        this.#wake();
      },
    );
  }

  /** Throws the first fault, or `DeadlineExceeded` after `timeoutMs`. */
  async first(timeoutMs: number): Promise<SourceSnapshot> {
    const read = await this.#wait((): SourceSnapshot | Error | undefined => this.#latest ?? this.#fault, timeoutMs);
    if (read instanceof Error) throw read;
    if (read) return read;
    throw new OpError('DeadlineExceeded', `the source did not answer within ${timeoutMs} ms`);
  }

  /** Asks `judge` about every snapshot until it answers; undefined: it did not within `timeoutMs`. */
  until<T>(
    judge: (snapshot: SourceSnapshot, now: Monotonic) => T | undefined,
    timeoutMs: number,
  ): Promise<T | undefined> {
    return this.#wait(() => this.#latest && judge(this.#latest, this.#clock.now()), timeoutMs);
  }

  get latest(): SourceSnapshot | undefined {
    return this.#latest;
  }

  stop(): Promise<void> {
    return this.#source.stop();
  }

  #wait<T>(ask: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const end = this.#clock.now() + timeoutMs;
    return new Promise((resolve) => {
      let cancel = (): void => undefined;
      const look = (): void => {
        cancel();
        const answer = ask();
        const leftMs = end - this.#clock.now();
        if (answer === undefined && leftMs > 0) {
          cancel = this.#clock.after(Math.min(LOOK_EVERY_MS, leftMs), look);
          return;
        }
        this.#waiting.delete(look);
        resolve(answer);
      };
      this.#waiting.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}
