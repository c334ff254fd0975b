/**
 * Signal-driven I/O: the kernel raises SIGIO when a socket becomes readable, and the event loop runs the handler.
 * No thread, no blocked native call that would keep a dying process (and its addresses) alive. Main thread only.
 */
import type { Clock } from '../../ports/clock.ts';
import { setSignalDriven } from './sys.ts';

/** A signal that was lost delays a read by no more than this. */
const SAFETY_DRAIN_MS = 1_000;

const drains = new Set<() => void>();
let listening = false;

/**
 * Calls `drain` whenever `fd` may be readable; it has to read until nothing is left, since signals merge. The result
 * ends it; call it before closing `fd`.
 */
export function watchReadable(fd: number, drain: () => void, clock: Clock): () => void {
  listen();
  drains.add(drain);
  setSignalDriven(fd, true);
  let cancelTimer: () => void;
  const arm = (): void => {
    cancelTimer = clock.after(SAFETY_DRAIN_MS, () => {
      arm();
      drain();
    });
  };
  arm();
  return () => {
    cancelTimer();
    drains.delete(drain);
    setSignalDriven(fd, false);
  };
}

/**
 * The listener stays for the rest of the process: a signal still on its way when the last socket closes would kill
 * the process by default. It does not keep the event loop alive.
 */
function listen(): void {
  if (listening) return;
  listening = true;
  process.on('SIGIO', () => {
    for (const drain of drains) drain();
  });
}
