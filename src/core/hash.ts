/**
 * 32-bit hash of a pair of names (FNV-1a with murmur3's final mix), for rendezvous hashing: every controller computes
 * the same order of nodes for a VIP, and a node that comes or goes changes no other pair.
 */
export function hashPair(a: string, b: string): number {
  let hash = 0x811c9dc5;
  for (const text of [a, '\0', b]) {
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 32-bit hash of one text. */
export const hashText = (text: string): number => hashPair(text, '');

/** 32-bit hash of two hashes: rendezvous hashing over names that were hashed once. */
export function mixHashes(a: number, b: number): number {
  let hash = Math.imul(a ^ (b >>> 15), 0x2c1b3c6d) ^ Math.imul(b, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
