import type { Electorate } from '../electorate.ts';
import type { KnownLease } from '../peer-messages.ts';
import type { Term } from '../term.ts';
import type { Monotonic } from '../time.ts';

/**
 * What a controller must not forget over a restart within one boot, written before it is acted on (failure model: Election).
 * With it a restart needs no abstention.
 */
export interface ControllerMemory {
  readonly bootId: string;
  /** Highest term voted for, followed or seen. */
  readonly highestTerm: Term | undefined;
  /** The master that was promised support, and until when. */
  readonly promise: { readonly term: Term; readonly until: Monotonic } | undefined;
  readonly leases: readonly KnownLease[];
  /** By which it acted; left out where it had not learnt of one yet. */
  readonly electorate?: Electorate;
}
