/** External Data Representation (RFC 4506), as far as a probe needs it: everything is a multiple of 4 bytes. */
import { WrongAnswer } from './wire.ts';

const padded = (length: number): number => Math.ceil(length / 4) * 4;

export function encodeWords(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
  return bytes;
}

/** Variable-length opaque data, or a string. */
export function encodeOpaque(value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt32BE(value.length, 0);
  bytes.set(value, 4);
  return bytes;
}

/** Reads an answer from its beginning; throws WrongAnswer where it ends too early. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  word(): number {
    return this.#take(4).readUInt32BE(0);
  }

  skipOpaque(): void {
    this.#take(padded(this.word()));
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new WrongAnswer('sent an answer that ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
