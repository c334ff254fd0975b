/**
 * What controllers say to each other (failure model: Election; Node lease and fence). Each message may be lost, late,
 * doubled or overtaken; answers carry the number of what they answer, and their sender keeps the instant at which it
 * asked.
 */
import type { Electorate, ElectorateMember, ElectorateName } from './electorate.ts';
import type { ControllerId, NodeName } from './ids.ts';
import type { NodeLease } from './lease-name.ts';
import type { HoldRight, LeaseName } from './messages.ts';
import type { Term } from './term.ts';

export type PeerMessage =
  | ({ readonly kind: 'vote-request' } & VoteRequest)
  | ({ readonly kind: 'vote-answer' } & VoteAnswer)
  | ({ readonly kind: 'beat' } & Beat)
  | ({ readonly kind: 'beat-answer' } & BeatAnswer)
  | ({ readonly kind: 'step-down' } & StepDown)
  | ({ readonly kind: 'changed' } & TableChanged)
  | { readonly kind: 'electorate'; readonly electorate: Electorate }
  | ({ readonly kind: 'wish' } & ElectorateWish);

/** Asks for a vote; a pre-vote asks whether one would be given, and changes nothing. */
export interface VoteRequest {
  /** Number of the candidate's round; grows by 1. */
  readonly round: number;
  readonly term: Term;
  readonly preVote: boolean;
  readonly electorate: ElectorateName;
}

export interface VoteAnswer {
  readonly round: number;
  readonly term: Term;
  readonly preVote: boolean;
  readonly granted: boolean;
  /** Why not, for people; empty where granted. */
  readonly reason: string;
  /** Highest term that the voter knows. */
  readonly highestTerm: Term | undefined;
  /** Every lease that the voter knows, as of the instant at which it voted; empty in a pre-vote. */
  readonly leases: readonly KnownLease[];
  readonly electorate: ElectorateName;
}

/** The master's heartbeat: an acknowledgement is the promise to follow it for the leader lease. */
export interface Beat {
  /** Grows by 1 with every beat of the reign, the same number to every controller. */
  readonly sequence: number;
  readonly term: Term;
  readonly electorate: ElectorateName;
  /** Table of the receiver that the master has; it sends the table only where it has another one. Empty: none. */
  readonly knownTable: string;
  /** Revocations that the master takes back; repeated until the receiver reports them. */
  readonly restores: readonly Restore[];
  /** Leases that the receiver has never heard of and must not acknowledge: what their nodes may hold was given to others. */
  readonly spent: readonly NodeLease[];
}

export interface Restore extends NodeLease {
  /** Counts the restorations of this node's leases at this controller under this term; from 1. */
  readonly number: number;
}

export interface BeatAnswer {
  readonly sequence: number;
  /** Of the beat. */
  readonly term: Term;
  /** Whether the receiver promised. */
  readonly accepted: boolean;
  readonly reason: string;
  readonly highestTerm: Term | undefined;
  /** Name of the receiver's table as it is now; changes whenever a lease is learnt of, revoked or restored. */
  readonly table: string;
  /** The whole table; undefined where it is the one that the beat named. */
  readonly leases: readonly KnownLease[] | undefined;
  readonly electorate: ElectorateName;
  /** The node whose agent runs on the host of the receiver; undefined: it does not tell. */
  readonly node: NodeName | undefined;
}

/** One node lease as one controller knows it. */
export interface KnownLease extends NodeLease {
  /** The highest epoch of the incarnation that it acknowledged or revoked. */
  readonly lease: LeaseName;
  /** It refuses this epoch and lower ones for good. */
  readonly revoked: boolean;
  /** The newest restoration under the term of the asking master that it obeyed; 0: none. */
  readonly restored: number;
  /** The node still sends heartbeats for the lease that is refused. */
  readonly knocking: boolean;
  /** Pools of which the node may hold something beyond the lease, as it said last. */
  readonly holds: readonly HoldRight[];
}

/** The master acts no longer: whoever promised to follow this term is free. */
export interface StepDown {
  readonly term: Term;
  /** Who shall stand at once; undefined: whoever likes. */
  readonly successor: ControllerId | undefined;
}

/** "My table is another one now": the master beats at once instead of with the next period. */
export interface TableChanged {
  readonly term: Term;
}

/** Which controllers the sender wants; told by everybody while anybody wants others than there are (failure model: Electorate). */
export interface ElectorateWish {
  /** The electorate by which it acts. */
  readonly electorate: ElectorateName;
  /** Where the sender is reached. */
  readonly address: string;
  readonly wanted: readonly ElectorateMember[];
  /** Nodes whose leases it acknowledges, told by who joins. */
  readonly hears: readonly NodeName[];
}
