import type { Electorate } from '../electorate.ts';
import type { VipAddress } from '../ids.ts';
import type { Assignment, LeaseName } from '../messages.ts';
import type { Term } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type { Bar } from './hold-state.ts';

/** A VIP on an interface. */
export interface BoundAddress {
  readonly vip: VipAddress;
  readonly interface: string;
  readonly prefixLength: number;
}

/** What an agent must not forget over a restart within one boot. */
export interface AgentMemory {
  readonly bootId: string;
  /** The controllers whose acknowledgements count; left out before any of them told. */
  readonly electorate?: Electorate;
  readonly lease: LeaseName;
  readonly highestTerm: Term | undefined;
  /** The newest accepted assignment, written before it is acted on. */
  readonly assignment: Assignment | undefined;
  /** Start of the unbroken time with a lease. */
  readonly leaseSince: Monotonic | undefined;
  /** End of the node lease as last proven. */
  readonly leaseValidUntil: Monotonic;
  /** Leases of other nodes that we never confirm; left out where there are none. */
  readonly bars?: readonly Bar[];
}
