import type { Etcd3, Watcher } from 'etcd3';
import type { Clock } from '../../ports/clock.ts';

const RETRY_MS = 500;

/**
 * Calls `changed` after every change below the prefix, and whenever the watch is connected (anew): then changes may
 * have been missed. The result ends it.
 */
export function watchPrefix(client: Etcd3, prefix: string, clock: Clock, changed: () => void): () => void {
  let current: Watcher | undefined;
  let cancelRetry: (() => void) | undefined;
  let stopped = false;
  const begin = (): void => {
    const watcher = client.watch().prefix(prefix).watcher();
    current = watcher;
    const tell = (): void => {
      if (!stopped) changed();
    };
    watcher.on('data', tell);
    watcher.on('connected', tell);
    // The library connects broken streams again by itself. An error means that the server ended the watch: the watcher
    // is forgotten by then, and cancelling it would bring an answer that the library throws at.
    watcher.on('error', () => {
      if (current !== watcher) return;
      current = undefined;
      if (!stopped) cancelRetry = clock.after(RETRY_MS, begin);
    });
  };
  begin();
  return () => {
    stopped = true;
    cancelRetry?.();
    void current?.cancel().catch(() => undefined);
  };
}
