import { MAX_MESSAGE_BYTES } from './channel-options.ts';

/** Result of reading one message from the wire: what arrives from outside is never trusted and never throws. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RefusalCause; readonly detail: string };

/** Label of the counter `messages_refused_total`. */
export type RefusalCause =
  | 'too-large'
  | 'undecodable'
  | 'unknown-kind'
  | 'missing-field'
  | 'bad-value'
  | 'too-many'
  | 'no-hello'
  /** From somebody who is not in our list, or is not whom we called. */
  | 'stranger'
  | 'other-electorate';

/** Thrown inside the codec only, where a field is not what it must be. */
export class Malformed extends Error {
  readonly refusal: RefusalCause;

  constructor(cause: RefusalCause, detail: string) {
    super(detail);
    this.name = 'Malformed';
    this.refusal = cause;
  }
}

/** Runs a decoder on bytes of a peer and turns whatever it throws into a refusal. */
export function guarded<T>(bytes: Uint8Array, decode: () => T): Decoded<T> {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    return { ok: false, reason: 'too-large', detail: `${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES}` };
  }
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.refusal, detail: error.message };
    return { ok: false, reason: 'undecodable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** The message itself, where it goes back to the wire. */
export function said<T>(words: Decoded<T>): T {
  if (!words.ok) throw new TypeError('a refused message cannot be sent on');
  return words.value;
}
