/**
 * The items of a list with commas that a variable names.
 *
 * @throws RangeError that says which are known.
 */
export function named<T extends string>(variable: string, items: readonly string[], known: readonly T[]): T[] {
  return items.map((item) => {
    const found = known.find((value) => value === item);
    if (found === undefined) throw new RangeError(`${variable}: "${item}" is none of ${known.join(', ')}`);
    return found;
  });
}
