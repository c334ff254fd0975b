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

/** Rank of a pair by the hashes of its names: rendezvous hashing over names that were hashed once. */
export const mixHashes = (a: number, b: number): number => Math.imul(a ^ b, 0x9e3779b1) >>> 0;
