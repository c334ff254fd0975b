/** What the runs of one check amount to, by counting them again: the oracle of `core/agent/check-track.ts`. */
import type { Check } from '../../core/checks.ts';

export type Finding = 'pending' | 'well' | 'ill';

/** A busy host may be late by that much. */
const LATE_MS = 1_000;

export class CheckTally {
  readonly check: Check;
  /** Results since the check was begun, the newest last. */
  readonly #results: boolean[] = [];
  #finding: Finding = 'pending';
  #heardAt: number;
  /** How often the finding was another one after a run. */
  changes = 0;

  /** @param now by the clock of the host, as below */
  constructor(check: Check, now: number) {
    this.check = check;
    this.#heardAt = now;
  }

  add(ok: boolean, certain: boolean, now: number): void {
    const before = this.#finding;
    const isStale = this.#isStale(now);
    if (isStale) this.#results.length = 0;
    if (isStale) this.#finding = 'ill';
    this.#results.push(ok);
    this.#heardAt = now;
    const last = (count: number, result: boolean): boolean =>
      this.#results.length >= count && this.#results.slice(-count).every((item) => item === result);
    if (!ok && (certain || last(this.check.fall, false))) this.#finding = 'ill';
    if (ok && (this.#finding === 'pending' || last(this.check.rise, true))) this.#finding = 'well';
    if (this.#finding !== before) this.changes++;
  }

  /** What is too old is no good news. */
  findingAt(now: number): Finding {
    return this.#isStale(now) ? 'ill' : this.#finding;
  }

  #isStale(now: number): boolean {
    const { intervalMs, fall, timeoutMs } = this.check;
    return now - this.#heardAt > intervalMs * fall + timeoutMs + Math.max(intervalMs, LATE_MS);
  }
}
