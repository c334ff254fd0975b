/** Ends the process by then even where a library has left something open; it ends by itself as soon as nothing is left. */
export function exitWithin(ms: number): void {
  setTimeout(() => process.exit(), ms).unref();
}
