import type { LocalClock } from './local-clock.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/** What happens to a process after it has carried out a number of further effects. */
export interface Ambush {
  readonly kind: 'freeze' | 'kill';
  left: number;
  readonly run: () => void;
}

/** How late a timer fires at most, on a machine that is well. */
const TIMER_LATENESS_MS = 0.4;

/**
 * One process: core's steps, its timer, and its effects, one after the other. It may freeze or die before any effect;
 * whatever reaches a frozen process waits, and what it was in the middle of goes on first.
 */
export abstract class SimProcess<Effect> {
  readonly name: string;
  readonly machine: number;
  readonly clock: LocalClock;
  protected readonly timeline: Timeline;
  protected readonly random: SeededRandom;
  #life = 0;
  #alive = false;
  #running = Number.POSITIVE_INFINITY;
  #frozen = 0;
  #queue: (() => void)[] = [];
  #ambush: Ambush | undefined;
  #wakeFor = Number.POSITIVE_INFINITY;
  #wakeToken = 0;

  constructor(name: string, machine: number, clock: LocalClock, timeline: Timeline, random: SeededRandom) {
    this.name = name;
    this.machine = machine;
    this.clock = clock;
    this.timeline = timeline;
    this.random = random;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get frozen(): boolean {
    return this.#frozen > 0;
  }

  /** Virtual time since which it has run without a break; Infinity while it is dead or frozen. */
  get runningSince(): number {
    return this.alive && !this.frozen ? this.#running : Number.POSITIVE_INFINITY;
  }

  /** Tells one run of the process from the next. */
  get life(): number {
    return this.#life;
  }

  /** Local time at which `tick` is due. */
  protected abstract wakeAt(): number;
  protected abstract tick(): void;
  /** Carries out part `part` of an effect; true: it has another part. */
  protected abstract carryOut(effect: Effect, part: number): boolean;

  protected begin(): void {
    this.#life++;
    this.#alive = true;
    this.#running = this.timeline.now;
    this.#frozen = 0;
    this.#queue = [];
    this.#ambush = undefined;
    this.#wakeFor = Number.POSITIVE_INFINITY;
  }

  protected end(): void {
    this.#life++;
    this.#alive = false;
    this.#queue = [];
    this.#ambush = undefined;
  }

  /** Stops the process; the result lets it go on, where it is still the same run. */
  freeze(): () => void {
    if (!this.#alive) return () => undefined;
    this.#frozen++;
    const life = this.#life;
    return () => {
      if (life !== this.#life) return;
      this.#frozen--;
      this.#running = this.timeline.now;
      this.#drain();
    };
  }

  /** `run` happens before the `effects`-th effect from now. */
  layAmbush(kind: Ambush['kind'], effects: number, run: () => void): void {
    if (this.#alive) this.#ambush = { kind, left: effects, run };
  }

  disarm(): void {
    this.#ambush = undefined;
  }

  /** Now, or once the process runs again; never where it died before. */
  whenRunning(run: () => void): void {
    if (!this.#alive) return;
    if (this.#frozen > 0) this.#queue.push(run);
    else run();
  }

  /** Whether nothing that reaches it has to wait. */
  protected get isRunning(): boolean {
    return this.#alive && this.#frozen === 0;
  }

  protected perform(effects: readonly Effect[], from = 0, firstPart = 0): void {
    const life = this.#life;
    let part = firstPart;
    for (let index = from; index < effects.length;) {
      if (this.#ambush !== undefined) this.#approach(this.#ambush);
      if (life !== this.#life) return;
      if (this.#frozen > 0) {
        this.#queue.push(() => this.perform(effects, index, part));
        return;
      }
      if (this.carryOut(effects[index] as Effect, part)) {
        part++;
      } else {
        part = 0;
        index++;
      }
    }
  }

  /** Plans the next tick; to be called after each step. */
  protected planWake(): void {
    const due = this.wakeAt();
    if (!Number.isFinite(due)) return;
    const at = Math.max(this.clock.worldTime(due), this.timeline.now);
    // An earlier alarm looks again by itself.
    if (at >= this.#wakeFor) return;
    const token = ++this.#wakeToken;
    this.#wakeFor = at;
    this.timeline.plan(at + 0.001 + this.random.fraction() * TIMER_LATENESS_MS, () => {
      if (token !== this.#wakeToken) return;
      if (this.isRunning) this.#wake(token);
      else this.whenRunning(() => this.#wake(token));
    });
  }

  #wake(token: number): void {
    if (token !== this.#wakeToken) return;
    this.#wakeFor = Number.POSITIVE_INFINITY;
    if (this.wakeAt() <= this.clock.now()) this.tick();
    else this.planWake();
  }

  #approach(ambush: Ambush): void {
    if (--ambush.left > 0) return;
    this.#ambush = undefined;
    ambush.run();
  }

  #drain(): void {
    if (this.#frozen > 0) return;
    const waiting = this.#queue;
    this.#queue = [];
    const life = this.#life;
    for (const [index, run] of waiting.entries()) {
      if (life !== this.#life) return;
      if (this.#frozen > 0) {
        this.#queue.push(...waiting.slice(index));
        return;
      }
      run();
    }
  }
}
