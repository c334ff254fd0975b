import type { Check, CheckRun, ProbeOutcome } from '../../core/checks.ts';
import type { Monotonic } from '../../core/time.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { HungRuns } from './hung-runs.ts';
import { failed } from './outcome.ts';
import { errorText } from '../../core/error-text.ts';

/** After its timeout a probe has so long to say in its own words what was wrong. */
const LAST_WORDS_MS = 50;
/** Events in quick succession lead to no more runs than this. */
const MIN_GAP_MS = 20;

export interface LoopDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hung: HungRuns;
}

interface OpenRun {
  readonly startedAt: Monotonic;
  readonly controller: AbortController;
  /** Ends the timers of the run. */
  cancel: () => void;
  reported: boolean;
}

/** Runs one check again and again, never two runs at once. */
export class CheckLoop {
  readonly check: Check;
  readonly #probe: Probe;
  readonly #context: () => ProbeContext;
  readonly #onRun: (run: CheckRun) => void;
  readonly #dependencies: LoopDependencies;
  #cancelDue: () => void = () => undefined;
  #unwatch: (() => void) | undefined;
  #open: OpenRun | undefined;
  #ended: Promise<void> = Promise.resolve();
  #startedAt: Monotonic | undefined;
  /** A run is wanted as soon as the open one has ended. */
  #wanted = false;
  #stopped = false;

  constructor(
    check: Check,
    probe: Probe,
    context: () => ProbeContext,
    onRun: (run: CheckRun) => void,
    dependencies: LoopDependencies,
  ) {
    this.check = check;
    this.#probe = probe;
    this.#context = context;
    this.#onRun = onRun;
    this.#dependencies = dependencies;
  }

  /** @param delayMs until the first run. @param after what has to end before it: runs of an earlier form of the check */
  start(delayMs: number, after: Promise<void> | undefined): void {
    const begin = (): void => {
      if (this.#stopped) return;
      this.#unwatch = this.#probe.watch?.(this.check.probe, () => this.request());
      this.#arm(delayMs);
    };
    if (after === undefined) begin();
    else void after.then(begin);
  }

  /** Runs the check now, or as soon as the run that is open has ended: that one may have looked too early. */
  request(): void {
    if (this.#stopped) return;
    if (this.#open !== undefined) {
      this.#wanted = true;
      return;
    }
    const sinceMs = this.#startedAt === undefined ? MIN_GAP_MS : this.#dependencies.clock.now() - this.#startedAt;
    if (sinceMs >= MIN_GAP_MS) this.#run();
    else this.#arm(MIN_GAP_MS - sinceMs);
  }

  /** Resolves when the open run has ended: never, where its probe hangs for ever. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelDue();
    this.#unwatch?.();
    this.#open?.cancel();
    this.#open?.controller.abort();
    return this.#ended;
  }

  #arm(ms: number): void {
    this.#cancelDue();
    this.#cancelDue = this.#dependencies.clock.after(ms, () => this.#due());
  }

  #due(): void {
    const open = this.#open;
    if (open === undefined) {
      this.#run();
      return;
    }
    this.#wanted = true;
    this.#arm(this.check.intervalMs);
    // With a timeout as long as the interval the open run is about to be cut off.
    if (!open.reported) return;
    const hungMs = this.#dependencies.clock.now() - open.startedAt;
    if (this.#dependencies.hung.abandon(open.controller, hungMs)) {
      this.#open = undefined;
      this.#run();
      return;
    }
    const outcome = failed(`no answer for ${Math.round(hungMs)} ms: an earlier run still hangs`);
    this.#report(outcome, hungMs);
  }

  #run(): void {
    const { clock, random } = this.#dependencies;
    const first = this.#startedAt === undefined;
    const open: OpenRun = {
      startedAt: clock.now(),
      controller: new AbortController(),
      cancel: () => undefined,
      reported: false,
    };
    this.#open = open;
    this.#startedAt = open.startedAt;
    this.#wanted = false;
    // The checks of a pool, on all hosts, shall not ask one service all at the same moment.
    this.#arm(this.check.intervalMs * (first ? 0.5 + random.fraction() / 2 : 1));
    open.cancel = clock.after(this.check.timeoutMs, () => this.#timeOut(open));
    this.#ended = this.#look(open.controller.signal).then((outcome) => this.#settle(open, outcome));
  }

  async #look(signal: AbortSignal): Promise<ProbeOutcome> {
    try {
      return await this.#probe.run(this.check.probe, this.#context(), signal);
    } catch (error) {
      const { pool, name } = this.check;
      this.#dependencies.log.log('error', 'a probe failed by itself', { pool, check: name, err: error });
      return failed(`the probe failed by itself: ${errorText(error)}`);
    }
  }

  #timeOut(open: OpenRun): void {
    const { timeoutMs } = this.check;
    open.cancel = this.#dependencies.clock.after(LAST_WORDS_MS, () => {
      open.reported = true;
      this.#report(failed(`no answer within ${timeoutMs} ms`), timeoutMs);
    });
    open.controller.abort();
  }

  #settle(open: OpenRun, outcome: ProbeOutcome): void {
    open.cancel();
    this.#dependencies.hung.settled(open.controller);
    if (this.#open === open) this.#open = undefined;
    if (!open.reported) {
      open.reported = true;
      const durationMs = this.#dependencies.clock.now() - open.startedAt;
      const late = outcome.ok && open.controller.signal.aborted;
      this.#report(late ? failed(`answered only after ${Math.round(durationMs)} ms`) : outcome, durationMs);
    }
    if (this.#wanted && this.#open === undefined) this.request();
  }

  #report(outcome: ProbeOutcome, durationMs: number): void {
    if (this.#stopped) return;
    this.#onRun({ pool: this.check.pool, name: this.check.name, durationMs, ...outcome });
  }
}
