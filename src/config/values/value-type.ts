/** What reading a value gives: the value, or a sentence that says what is wrong and what to write instead. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** How the text of an option becomes a value. */
export interface ValueType<T> {
  /** Stands for the value in help texts: "DURATION". */
  readonly placeholder: string;
  /** Whether the option may be given several times, separated by commas, or as a YAML sequence or mapping. */
  readonly many: boolean;
  /** What a flag without a value means, for those that need none. */
  readonly bare?: string;
  /** `texts` has exactly one element where `many` is false, and at least one otherwise. */
  read(texts: readonly string[]): Read<T>;
}

export const good = <T>(value: T): Read<T> => ({ ok: true, value });
export const bad = <T = never>(message: string): Read<T> => ({ ok: false, message });

/** An option that takes exactly one value. */
export function single<T>(placeholder: string, read: (text: string) => Read<T>): ValueType<T> {
  return { placeholder, many: false, read: ([text = '']) => read(text.trim()) };
}

/**
 * An option that takes a list of items, each read by `readItem`.
 * `keyOf` gives what must differ between two items; it also names the duplicate in the message.
 */
export function list<T>(
  placeholder: string,
  readItem: (text: string) => Read<T>,
  keyOf: (item: T) => string,
): ValueType<readonly T[]> {
  return { placeholder: `${placeholder},...`, many: true, read: (texts) => readList(texts, readItem, keyOf) };
}

function readList<T>(
  texts: readonly string[],
  readItem: (text: string) => Read<T>,
  keyOf: (item: T) => string,
): Read<readonly T[]> {
  const items = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  const reads = items.filter((text) => text !== '').map(readItem);
  const messages = reads.flatMap((read) => (read.ok ? [] : [read.message]));
  if (messages.length > 0) return bad(messages.join('; '));
  const values = reads.flatMap((read) => (read.ok ? [read.value] : []));
  if (values.length === 0) return bad('the list is empty; write at least one item');
  const keys = values.map(keyOf);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  return twice === undefined ? good(values) : bad(`${twice} is given twice; write it once`);
}
