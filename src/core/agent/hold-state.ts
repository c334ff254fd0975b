/** What an agent remembers for pools with `onQuorumLoss: Hold` (design 3.7). */
import type { NodeName } from '../ids.ts';
import type { LeaseName } from '../messages.ts';
import type { Term } from '../term.ts';
import { type Monotonic, NEVER } from '../time.ts';

/** Names a lease of a node. */
export const holderKey = (node: NodeName, { incarnation, epoch }: LeaseName): string =>
  `${node} ${incarnation} ${epoch}`;

/** What a master said last of bars against one lease. */
export interface Bar {
  readonly key: string;
  readonly term: Term;
  readonly number: number;
  /** Whether it is in force; false where it was taken back. */
  readonly active: boolean;
}

/** As the one that holds. */
export interface HoldState {
  /** Per class of the fence: until when the kernel lets us answer. */
  readonly fenced: ReadonlyMap<number, Monotonic>;
  /** Send time of the newest question that each member confirmed, ourselves included, under the current lease. */
  readonly confirmedAt: ReadonlyMap<NodeName, Monotonic>;
  readonly askedAt: Monotonic;
}

/** As the one that is asked. */
export interface WitnessState {
  /** Without memory of what was promised: neither confirms nor bars before. */
  readonly silentUntil: Monotonic;
  /** "node incarnation epoch" -> until when our confirmation may be counted on. */
  readonly given: ReadonlyMap<string, Monotonic>;
  /** By the same name; survives a restart within one life. */
  readonly bars: ReadonlyMap<string, Bar>;
}

export const NO_HOLD: HoldState = { fenced: new Map(), confirmedAt: new Map(), askedAt: NEVER };
export const NO_WITNESS: WitnessState = { silentUntil: NEVER, given: new Map(), bars: new Map() };
