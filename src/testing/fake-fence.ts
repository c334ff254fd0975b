import { stepFor, type FenceTimes } from '../adapters/linux/fence/ladder.ts';
import type { VipAddress } from '../core/ids.ts';
import { addMs, type Monotonic, NEVER } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Fence, FenceClass, FenceReport } from '../ports/fence.ts';

/** What stays of a fence in the kernel of a host, whatever its agent does. */
export class FakeFenceState {
  readonly #clock: Clock;
  #managed: ReadonlyMap<VipAddress, FenceClass> = new Map();
  readonly #ends = new Map<FenceClass, Monotonic>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): Monotonic {
    return this.#clock.now();
  }

  /** Addresses that are fenced, with their classes. */
  get managed(): ReadonlyMap<VipAddress, FenceClass> {
    return this.#managed;
  }

  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void {
    this.#managed = new Map(vips);
  }

  isOpen(fenceClass: FenceClass): boolean {
    return (this.#ends.get(fenceClass) ?? Number.NEGATIVE_INFINITY) > this.now;
  }

  /** Whether the host would answer for this address, if it had it. */
  lets(vip: VipAddress): boolean {
    const fenceClass = this.#managed.get(vip);
    return fenceClass === undefined || this.isOpen(fenceClass);
  }

  open(fenceClass: FenceClass, ends: Monotonic): void {
    this.#ends.set(fenceClass, ends);
  }

  close(fenceClass?: FenceClass): void {
    if (fenceClass === undefined) this.#ends.clear();
    else this.#ends.delete(fenceClass);
  }

  clear(): void {
    this.#managed = new Map();
    this.#ends.clear();
  }
}

export interface FakeFenceOptions {
  /** Default: a kernel without lateness. With `none`, no call does anything. */
  readonly report?: FenceReport;
  /** Default: every end is met exactly, and no pause is too long. */
  readonly times?: FenceTimes;
}

/** The Fence port on a clock of the test. Give a new one the state of the last to restart the agent of a host. */
export class FakeFence implements Fence {
  readonly state: FakeFenceState;
  readonly #report: FenceReport;
  readonly #times: FenceTimes | undefined;
  #works = false;
  #stalls = false;

  constructor(state: FakeFenceState, options: FakeFenceOptions = {}) {
    this.state = state;
    this.#report = options.report ?? { kind: 'kernel', latenessMs: 0, jiffyMs: options.times?.jiffyMs ?? 1 };
    this.#times = options.times;
  }

  /** The process stands still in the next `extend`, after it read the clock, for longer than the guard lives. */
  stallNext(): void {
    this.#stalls = true;
  }

  start(): FenceReport {
    this.#works = this.#report.kind === 'kernel';
    return this.#report;
  }

  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void {
    if (this.#works) this.state.manage(vips);
  }

  extend(mode: 'refresh' | 'acquire', fenceClass: FenceClass, until: Monotonic): Monotonic {
    if (!this.#works) return until;
    const stalled = this.#stalls;
    this.#stalls = false;
    const ends = this.#endFor(until);
    if (ends === undefined) return NEVER;
    if (!stalled && (mode === 'acquire' || this.state.isOpen(fenceClass))) this.state.open(fenceClass, ends);
    return addMs(ends, -(this.#times?.jiffyMs ?? 0));
  }

  #endFor(until: Monotonic): Monotonic | undefined {
    const { now } = this.state;
    if (!this.#times) return until > now ? until : undefined;
    const step = stepFor(this.#times, until - now);
    return step === undefined ? undefined : addMs(now, this.#times.stepsMs[step - 1] ?? 0);
  }

  close(fenceClass?: FenceClass): void {
    if (this.#works) this.state.close(fenceClass);
  }

  isOpen(fenceClass: FenceClass): boolean {
    return this.#works && this.state.isOpen(fenceClass);
  }

  stop(): void {
    this.#works = false;
  }

  remove(): void {
    this.state.clear();
    this.stop();
  }
}
