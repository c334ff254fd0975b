import { closeSync, openSync } from 'node:fs';
import { enterNetwork } from './native.ts';

/** Where `ip netns` keeps the namespace of that name. */
export const namespacePath = (name: string): string => `/run/netns/${name}`;

/**
 * Runs `open` inside a named network namespace and comes back. Sockets stay in the namespace where they were opened,
 * so one process can serve many hosts. Synchronous work only; main thread only.
 */
export function inNamespace<T>(name: string, open: () => T): T {
  const own = openSync('/proc/self/ns/net', 'r');
  try {
    const other = openSync(namespacePath(name), 'r');
    try {
      enterNetwork(other);
      return open();
    } finally {
      enterNetwork(own);
      closeSync(other);
    }
  } finally {
    closeSync(own);
  }
}
