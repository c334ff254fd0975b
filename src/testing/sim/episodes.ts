/** Pieces of schedules: what the drawing functions of aimed scenarios have in common. */
import type { Action, ActionKind } from './actions.ts';
import type { SeededRandom } from './random.ts';
import { controllerMachine, machinesOf, type Setup } from './setup.ts';

/** Longer than any schedule. */
export const FOR_EVER_MS = 60_000;

/** Collects a schedule; times in whole ms, lengths as shares of a lease. */
export class Episodes {
  readonly random: SeededRandom;
  readonly setup: Setup;
  readonly until: number;
  readonly #actions: Action[] = [];

  constructor(random: SeededRandom, setup: Setup, until: number) {
    this.random = random;
    this.setup = setup;
    this.until = until;
  }

  /** So many ms as this part of a lease, drawn between two parts. */
  share(least: number, most = least): number {
    return Math.round(this.setup.timing.leaseMs * (least + this.random.fraction() * (most - least)));
  }

  /**
   * Mostly: no host hears another one on the service network for the whole time. A probe before a takeover would find the
   * old holder, and cover for the rule that should have silenced it.
   */
  deafen(from: number): void {
    const hosts = 2 ** this.setup.hosts - 1;
    if (this.random.chance(0.8)) this.add('cut', from, this.until - from, hosts, hosts, 2);
  }

  /** The same in leader leases. */
  leaderLeases(least: number, most: number): number {
    return Math.round(this.setup.timing.leaderLeaseMs * (least + this.random.fraction() * (most - least)));
  }

  /** Nothing that begins at the end of the time of faults, or that lasts no time. */
  add(kind: ActionKind, at: number, ms: number, a: number, b = 0, c = 0): void {
    if (at >= this.until || ms < 0) return;
    this.#actions.push({ kind, at: Math.round(at), ms: Math.round(ms), a, b, c });
  }

  /** Masks of one machine each: the controllers in any order. */
  controllers(): number[] {
    return this.#shuffled(this.setup.controllers, (index) => controllerMachine(this.setup, index));
  }

  /** The same: the hosts. */
  hosts(): number[] {
    return this.#shuffled(this.setup.hosts, (index) => index);
  }

  #shuffled(count: number, machineOf: (index: number) => number): number[] {
    const masks = Array.from({ length: count }, (_, index) => 2 ** machineOf(index));
    for (let index = masks.length - 1; index > 0; index--) {
      const other = this.random.between(0, index);
      [masks[index], masks[other]] = [masks[other] ?? 0, masks[index] ?? 0];
    }
    return masks;
  }

  /** The same, but the one that outranks the others in elections comes first. */
  likelyMasterFirst(): number[] {
    const best = 2 ** controllerMachine(this.setup, this.setup.controllers - 1);
    return [best, ...this.controllers().filter((mask) => mask !== best)];
  }

  /** The number of the controller on that machine. */
  numberOf(controller: number): number {
    return Math.log2(controller) - controllerMachine(this.setup, 0);
  }

  host(): number {
    return this.random.between(0, this.setup.hosts - 1);
  }

  /** Nothing passes in this direction. */
  cut(at: number, until: number, from: number, to: number): void {
    this.add('cut', at, until - at, from, to, 1);
  }

  /** Nothing passes in this direction, and mostly neither in the other one. */
  apart(at: number, until: number, one: number, other: number): void {
    this.cut(at, until, one, other);
    if (this.random.chance(0.8)) this.cut(at, until, other, one);
  }

  /** All machines. */
  get everybody(): number {
    return 2 ** machinesOf(this.setup) - 1;
  }

  sorted(): Action[] {
    return this.#actions.sort((left, right) => left.at - right.at);
  }
}
