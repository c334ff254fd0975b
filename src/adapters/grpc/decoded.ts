import { MAX_MESSAGE_BYTES } from './channel-options.ts';
import { errorText } from '../../core/error-text.ts';

/**
 * Result of reading one message from the wire: what arrives from outside is never trusted and never throws. `bytes` is
 * its length there.
 */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T; readonly bytes?: number }
  | { readonly ok: false; readonly reason: RefusalCause; readonly detail: string; readonly bytes?: number };

const BYTES_PER_TOKEN = 16_384;

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
  /** In the name of somebody else than the certificate of the connection. */
  | 'impostor'
  /** A request for a certificate that is not granted. */
  | 'not-certified'
  /** More than any honest sender has to say. */
  | 'too-fast';

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
    return { ok: false, reason: 'undecodable', detail: errorText(error) };
  }
}

/** A decoder that also tells how long the message was. */
export const measured =
  <T>(decode: (bytes: Buffer) => Decoded<T>) =>
  (bytes: Buffer): Decoded<T> => ({ ...decode(bytes), bytes: bytes.length });

/** A long message counts as several for the rate of messages. */
export const costOf = ({ bytes = 0 }: Decoded<unknown>): number => 1 + Math.floor(bytes / BYTES_PER_TOKEN);

/** The message itself, where it goes back to the wire. */
export function said<T>(words: Decoded<T>): T {
  if (!words.ok) throw new TypeError('a refused message cannot be sent on');
  return words.value;
}
