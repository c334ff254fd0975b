import type { SeededRandom } from './random.ts';

/** Management: streams, votes, confirmations. Service: the VIPs themselves, probes, confirmations. */
export type NetworkName = 'management' | 'service';
export const NETWORKS: readonly NetworkName[] = ['management', 'service'];

/** One direction between two machines on one network. Faults overlap, so each of them counts. */
export interface Link {
  blocked: number;
  /** When it was blocked last; meaningful while it is. */
  blockedSince: number;
  /** When it was blocked for the last time. */
  healedAt: number;
  /** Shares of datagrams lost, one per fault that is on. */
  readonly losses: number[];
  /** Upper ends of additional delays in ms, one per fault that is on. */
  readonly delays: number[];
}

/** A message that meets a long queue waits up to so long. */
export const LONGEST_QUEUE_MS = 40;

/** Bit mask of machines. */
export type Machines = number;

/** All machines of these masks. */
export const union = (masks: readonly Machines[]): Machines => masks.reduce((all, mask) => all | mask, 0);

export const includes = (machines: Machines, machine: number): boolean => ((machines >> machine) & 1) === 1;

export class Links {
  readonly count: number;
  readonly #random: SeededRandom;
  readonly #links: Record<NetworkName, Link[]>;
  /** When each machine lost its power; undefined while it has it. */
  readonly #offSince: (number | undefined)[];

  constructor(machines: number, random: SeededRandom) {
    this.count = machines;
    this.#random = random;
    const make = (): Link[] =>
      Array.from({ length: machines * machines }, () => ({
        blocked: 0,
        blockedSince: 0,
        healedAt: Number.NEGATIVE_INFINITY,
        losses: [],
        delays: [],
      }));
    this.#links = { management: make(), service: make() };
    this.#offSince = Array.from({ length: machines }, () => undefined);
  }

  of(network: NetworkName, from: number, to: number): Link {
    return this.#links[network][from * this.count + to] as Link;
  }

  /** The links that a fault from one set of machines to another one concerns; a machine always reaches itself. */
  between(network: NetworkName, from: Machines, to: Machines): Link[] {
    const found: Link[] = [];
    for (let a = 0; a < this.count; a++) {
      for (let b = 0; b < this.count; b++) {
        if (a !== b && includes(from, a) && includes(to, b)) found.push(this.of(network, a, b));
      }
    }
    return found;
  }

  powerOff(machine: number, at: number): void {
    this.#offSince[machine] = at;
  }

  powerOn(machine: number): void {
    this.#offSince[machine] = undefined;
  }

  poweredOffAt(machine: number): number | undefined {
    return this.#offSince[machine];
  }

  isPowered(machine: number): boolean {
    return this.#offSince[machine] === undefined;
  }

  passes(network: NetworkName, from: number, to: number): boolean {
    return this.isPowered(from) && this.isPowered(to) && this.of(network, from, to).blocked === 0;
  }

  /** How long a message takes, in ms; undefined: it is lost. Streams ask with `reliable`: a loss is a repetition there. */
  transit(network: NetworkName, from: number, to: number, reliable: boolean): number | undefined {
    const random = this.#random;
    if (from === to) return 0.05 + random.fraction() * 0.2;
    const { losses, delays } = this.of(network, from, to);
    let delay = 0.8 + random.fraction() * 2;
    // Now and then a queue is long somewhere.
    if (random.chance(0.003)) delay += random.fraction() * LONGEST_QUEUE_MS;
    if (delays.length === 0 && losses.length === 0) return delay;
    for (const upTo of delays) delay += random.fraction() * upTo;
    for (const share of losses) {
      if (!random.chance(share)) continue;
      if (!reliable) return undefined;
      delay += 200;
    }
    return delay;
  }
}
