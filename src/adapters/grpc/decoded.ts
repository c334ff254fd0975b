/** Result of reading one message from the wire: what arrives from outside is never trusted and never throws. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RefusalCause; readonly detail: string };

/** Label of the counter `messages_refused_total`. */
export type RefusalCause = 'undecodable' | 'unknown-kind' | 'missing-field' | 'bad-value' | 'too-many' | 'no-hello';

/** Thrown inside the codec only, where a field is not what it must be. */
export class Malformed extends Error {
  readonly refusal: RefusalCause;

  constructor(cause: RefusalCause, detail: string) {
    super(detail);
    this.name = 'Malformed';
    this.refusal = cause;
  }
}

/** Runs a decoder and turns whatever it throws into a refusal. */
export function guarded<T>(decode: () => T): Decoded<T> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.refusal, detail: error.message };
    return { ok: false, reason: 'undecodable', detail: error instanceof Error ? error.message : String(error) };
  }
}
