/** What runs in threads. A process that ends waits for them, which is for ever where a file system hangs. */
const IN_THREADS = ['FSReqCallback', 'FSReqPromise', 'GetAddrInfoReqWrap'];

let endAtOnce: ((code: number) => void) | undefined;

/** For a process that must end in any case. @param end ends it without waiting for its threads */
export function neverWaitForThreads(end: (code: number) => void): void {
  endAtOnce = end;
}

/** Ends the process. @param code default: what was set as its exit code */
export function exitNow(code?: number): never {
  const end = endAtOnce;
  // The last listener: what others do at the end of the process is done by then.
  if (end && process.getActiveResourcesInfo().some((name) => IN_THREADS.includes(name))) process.once('exit', end);
  process.exit(code);
}

/** Ends the process by then even where a library has left something open; it ends by itself as soon as nothing is left. */
export function exitWithin(ms: number): void {
  setTimeout(() => exitNow(), ms).unref();
}
