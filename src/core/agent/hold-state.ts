/** What an agent remembers for pools with `onQuorumLoss: Hold` (failure model: Hold). */
import type { ControllerId, NodeName } from '../ids.ts';
import type { Term } from '../term.ts';
import { type Monotonic, NEVER } from '../time.ts';

/** Names a lease of a node. */
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
  /** When the rights of the current assignment were first reported. */
  readonly declaredAt: Monotonic;
  /**
   * Whether a majority of the controllers has acknowledged a heartbeat since: then each majority that ends the lease
   * knows of them. Before that nothing is held beyond the lease.
   */
  readonly declared: boolean;
  /** Send time of the newest heartbeat for this lease that each controller has refused as revoked. */
  readonly refusedAt: ReadonlyMap<ControllerId, Monotonic>;
  /** Since when a majority refuses without a break. */
  readonly refusedSince: Monotonic | undefined;
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

export const NO_HOLD: HoldState = {
  fenced: new Map(),
  confirmedAt: new Map(),
  askedAt: NEVER,
  declaredAt: NEVER,
  declared: false,
  refusedAt: new Map(),
  refusedSince: undefined,
};
export const NO_WITNESS: WitnessState = { silentUntil: NEVER, given: new Map(), bars: new Map() };
