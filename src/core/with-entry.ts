/** A copy of the map with one more or another entry. The constructor of Map takes half as long again for a small one. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  const copy = new Map<K, V>();
  for (const [known, item] of map) copy.set(known, item);
  return copy.set(key, value);
}
