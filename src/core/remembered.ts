/** The same function, worked out once for each object, which is never changed; forgotten with the object. */
export function remembered<K extends object, V>(workOut: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>();
  return (of) => {
    if (!known.has(of)) known.set(of, workOut(of));
    return known.get(of) as V;
  };
}
