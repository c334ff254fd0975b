import { performance } from 'node:perf_hooks';
import type { Capability } from '../../core/messages.ts';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import { scheduleThreads } from './process-calls.ts';
import { SysError } from './sys-error.ts';

/** Low among the real-time priorities: above every normal process is all that is needed. */
const PRIORITY = 10;
const LOOK_EVERY_MS = 250;
/** A process that has this share of a second to itself no longer works for anybody, and starves the host. */
const SPINNING_SHARE = 0.95;
const LOOKS_TO_JUDGE = 4;

/**
 * Real-time scheduling of this process, so that heartbeats leave in time on a busy host. A process that spins goes back
 * to normal scheduling by itself.
 */
export class Realtime {
  readonly #clock: Clock;
  readonly #mode: 'auto' | 'on' | 'off';
  #state: Capability = { active: false, message: 'normal scheduling' };
  #onChange: () => void = () => undefined;
  #cancel: (() => void) | undefined;
  #busyLooks = 0;

  constructor(mode: 'auto' | 'on' | 'off', clock: Clock) {
    this.#mode = mode;
    this.#clock = clock;
  }

  get isWanted(): boolean {
    return this.#mode !== 'off';
  }

  get capability(): Capability {
    return this.#state;
  }

  /** Throws OpError PermissionDenied where it must be (`on`) and may not. @param onChange called when it was given up */
  start(onChange: () => void): void {
    this.#onChange = onChange;
    if (!this.isWanted) return;
    try {
      scheduleThreads(PRIORITY);
      this.#state = { active: true, message: `SCHED_RR, priority ${PRIORITY}` };
      this.#watch(performance.eventLoopUtilization());
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      const reason = `the kernel refuses real-time scheduling (${error.code}): grant CAP_SYS_NICE and a real-time budget`;
      if (this.#mode === 'on') {
        throw new OpError('PermissionDenied', `${reason}, or write --realtime auto`, { cause: error });
      }
      this.#state = { active: false, message: `${reason}, or write --realtime off` };
    }
  }

  stop(): void {
    this.#cancel?.();
  }

  #watch(since: ReturnType<typeof performance.eventLoopUtilization>): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, since);
      this.#busyLooks = utilization > SPINNING_SHARE ? this.#busyLooks + 1 : 0;
      if (this.#busyLooks < LOOKS_TO_JUDGE) return this.#watch(now);
      scheduleThreads(undefined);
      const reason = 'given up: the process was busy for a second without a pause';
      this.#state = { active: false, message: `${reason}: see its log for why, then start it again` };
      return this.#onChange();
    });
  }
}
