const CHUNK = 32;

type Chunk<K, V> = readonly (readonly [K, V])[];

/**
 * A map that is never changed, in the order in which its keys came first. A copy with another value for a key shares all but
 * one small part with it: of a table of a thousand nodes there are thousands of copies in a second.
 */
export class SharedMap<K, V> implements ReadonlyMap<K, V> {
  readonly #places: ReadonlyMap<K, number>;
  readonly #chunks: readonly Chunk<K, V>[];

  private constructor(places: ReadonlyMap<K, number>, chunks: readonly Chunk<K, V>[]) {
    this.#places = places;
    this.#chunks = chunks;
  }

  /** The same map where it is one already. */
  static of<K, V>(map: ReadonlyMap<K, V>): SharedMap<K, V> {
    if (map instanceof SharedMap) return map as SharedMap<K, V>;
    const all = [...map];
    const chunks: Chunk<K, V>[] = [];
    for (let start = 0; start < all.length; start += CHUNK) chunks.push(all.slice(start, start + CHUNK));
    return new SharedMap(new Map(all.map(([key], place) => [key, place])), chunks);
  }

  get size(): number {
    return this.#places.size;
  }

  /** A copy with this entry: in the place of the one with the same key, or at the end. */
  with(key: K, value: V): SharedMap<K, V> {
    const known = this.#places.get(key);
    const place = known ?? this.size;
    const places = known === undefined ? new Map(this.#places).set(key, place) : this.#places;
    const index = Math.floor(place / CHUNK);
    const chunk = this.#chunks[index]?.slice() ?? [];
    chunk[place % CHUNK] = [key, value];
    const chunks = this.#chunks.slice();
    chunks[index] = chunk;
    return new SharedMap(places, chunks);
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#chunks[Math.floor(place / CHUNK)]?.[place % CHUNK]?.[1];
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  forEach(act: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) act(value, key, this);
  }

  *entries(): MapIterator<[K, V]> {
    for (const chunk of this.#chunks) for (const [key, value] of chunk) yield [key, value];
  }

  *values(): MapIterator<V> {
    for (const chunk of this.#chunks) for (const [, value] of chunk) yield value;
  }

  keys(): MapIterator<K> {
    return this.#places.keys();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}
