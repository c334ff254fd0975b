/** What an agent tells of its checks, and what a master tells an agent to check. */
import type { Check, CheckName } from './checks.ts';
import type { Repair } from './health-spec.ts';
import type { PoolName } from './ids.ts';
import type { Neighbours } from './neighbours.ts';
import type { Term } from './term.ts';

/** One check of one pool as its node sees it now. */
export interface CheckState {
  readonly pool: PoolName;
  readonly name: CheckName;
  /**
   * Passing and Failing: after `rise` and `fall` runs in a row. Pending: declared so recently that no verdict could be
   * reached yet; a holder keeps its VIPs, nobody else gets them. Unknown: the newest result is too old; not healthy.
   * Idle: not run in the present role of the node; says nothing.
   */
  readonly state: 'Passing' | 'Failing' | 'Pending' | 'Unknown' | 'Idle';
  /** Of the newest run. */
  readonly output: string;
  readonly durationMs: number;
  /** For how long it has been in this state, when the report was made. */
  readonly sinceMs: number;
  /** The repair command of the pool is being tried: the VIPs stay until it has failed. */
  readonly repairing: boolean;
}

/** What a node shall check and whom it shall ask: level-triggered, never a delta. Obeyed like an assignment: a higher (term, version) only. */
export interface NodeConfig {
  readonly term: Term;
  /** Grows with each change for this node within the term. */
  readonly version: number;
  /** Of every pool that the node belongs to, with the node's own overrides applied. */
  readonly checks: readonly Check[];
  readonly repairs: ReadonlyMap<PoolName, Repair>;
  /** Undefined: as the agent was started. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** Of each interface that one of its pools uses. */
  readonly neighbours: readonly Neighbours[];
  readonly serviceInterfaces: ServiceInterfaces;
}

/**
 * Where VIPs of a pool would be on a node now, by pool: those that have a check which looks at their interface without
 * naming it, as far as the node has one for them.
 */
export type ServiceInterfaces = ReadonlyMap<PoolName, readonly string[]>;

/** How a network looks from a node. */
export interface NetworkState {
  readonly reachable: boolean;
  /** Milliseconds; undefined while nothing was measured. */
  readonly rttMs: number | undefined;
  /** Who or what answered, or what did not; for people. */
  readonly message: string;
}

/** Of a network that nobody looked at. */
export const UNMEASURED: NetworkState = { reachable: true, rttMs: undefined, message: 'not measured' };
