/** Longer than a token is good: kubelets replace it after most of an hour. */
const REMEMBERED_MS = 2 * 3_600_000;
/** Several tokens for each host of the largest cluster. */
const MAX_REMEMBERED = 16_384;

/**
 * Which key each token was used for. Whoever recorded a token gets nothing for it but a certificate for the key of the
 * one who used it first; who lost the answer may ask again.
 */
export class TokenUses {
  readonly #uses = new Map<string, { readonly key: string; readonly untilMs: number }>();

  /** Whether a token may be used for this key; from then on for no other. Times are of any clock, in ms. */
  take(credential: string, key: string, nowMs: number): boolean {
    const use = this.#uses.get(credential);
    if (use && nowMs < use.untilMs) return use.key === key;
    this.#forget(nowMs);
    this.#uses.delete(credential);
    this.#uses.set(credential, { key, untilMs: nowMs + REMEMBERED_MS });
    return true;
  }

  /** Those that are over; and the oldest where there are too many. They are in the order of their ends. */
  #forget(nowMs: number): void {
    for (const [credential, { untilMs }] of this.#uses) {
      if (nowMs < untilMs && this.#uses.size < MAX_REMEMBERED) return;
      this.#uses.delete(credential);
    }
  }
}
