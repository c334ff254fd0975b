/** What the agent tells the kernel through the loopback interface: kind, step, class (little-endian), word of the table. */
export const KIND = {
  /** Sets the guard of the class. */
  guard: 'g'.charCodeAt(0),
  /** Extends a class that is alive, while its guard lives. */
  refresh: 'r'.charCodeAt(0),
  /** Opens or extends a class, while its guard lives. */
  acquire: 'a'.charCodeAt(0),
  /** Ends a class and its guard. */
  close: 'c'.charCodeAt(0),
} as const;

export type DatagramKind = keyof typeof KIND;

export const KEY_BYTES = 4;
/** A random word of each table: who does not know it is not listened to. */
export const WORD_BYTES = 8;

const UDP_HEADER_BYTES = 8;
/** Places in the transport header and what follows. */
export const AT = {
  kind: UDP_HEADER_BYTES,
  fenceClass: UDP_HEADER_BYTES + 2,
  word: UDP_HEADER_BYTES + 2 + KEY_BYTES,
} as const;

/** A class as key of the kernel's sets. */
export function classKey(fenceClass: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeUInt32LE(fenceClass);
  return key;
}

/** @param step 1 + index of the timeout for refresh and acquire, 0 for the others. */
export const encodeDatagram = (kind: DatagramKind, step: number, fenceClass: number, word: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(KIND[kind], step), classKey(fenceClass), word]);
