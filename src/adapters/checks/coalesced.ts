/**
 * One question per key at a time: who asks while it is open gets the same answer. For what blocks a thread of the
 * process and cannot be cut off, like a name server or a file system that says nothing: it can block one per key.
 */
export function coalesced<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const open = new Map<string, Promise<T>>();
  return (key) => {
    const asked = open.get(key);
    if (asked) return asked;
    const answer = ask(key).finally(() => open.delete(key));
    open.set(key, answer);
    return answer;
  };
}
