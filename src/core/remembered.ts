/** The same function, worked out once for each object, which is never changed; forgotten with the object. */
export function remembered<K extends object, V>(workOut: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>();
  return (of) => {
    const value = known.get(of);
    if (value !== undefined || known.has(of)) return value as V;
    const worked = workOut(of);
    known.set(of, worked);
    return worked;
  };
}
