import type { Electorate } from './electorate.ts';
import type { ControllerId } from './ids.ts';
import type { Term } from './term.ts';
import type { Monotonic } from './time.ts';

/** Name of a lease in the election store; the store chooses it. */
export type LeaseId = string & { readonly __brand: 'LeaseId' };

/** One line of the queue for mastership. */
export interface QueueEntry {
  readonly id: ControllerId;
  /** Create revision of the key (decimal); the smallest of the queue holds the lock. */
  readonly revision: string;
}

export type ElectionOperation = 'grant' | 'renew' | 'enqueue' | 'read' | 'claim' | 'takeOver';

export type ElectionEvent =
  | { readonly kind: 'tick' }
  /** The store hinted at a change. */
  | { readonly kind: 'store-changed' }
  /** An agent or controller told us of this term. */
  | { readonly kind: 'term-seen'; readonly term: Term }
  /** The process ends, or its operator wants another master: hand over at once. */
  | { readonly kind: 'stop' }
  /** We were voted for, or are no longer: the lock shall follow. */
  | { readonly kind: 'reign'; readonly term: Term | undefined }
  /** We are no member of the electorate any more: out of the queue. */
  | { readonly kind: 'withdraw'; readonly reason: string }
  /** Votes decide from now on: the lock is no mastership any more. */
  | { readonly kind: 'yield'; readonly reason: string }
  | { readonly kind: 'failed'; readonly operation: ElectionOperation }
  | { readonly kind: 'granted'; readonly lease: LeaseId; readonly sentAt: Monotonic }
  | { readonly kind: 'renewed'; readonly lease: LeaseId; readonly alive: boolean; readonly sentAt: Monotonic }
  | { readonly kind: 'enqueued'; readonly accepted: boolean }
  | { readonly kind: 'viewed'; readonly queue: readonly QueueEntry[]; readonly master: Term | undefined }
  | { readonly kind: 'claimed' | 'taken-over'; readonly won: boolean; readonly term: Term };

/** What came of asking for the electorate on record, or of changing it. */
export type RecordEvent =
  | { readonly kind: 'electorate'; readonly recorded: Electorate }
  | { readonly kind: 'failed'; readonly operation: RecordOperation };

export type RecordOperation = RecordEffect['kind'];

export type ElectionEffect =
  | LockEffect
  | { readonly kind: 'elected'; readonly term: Term }
  | { readonly kind: 'deposed'; readonly term: Term; readonly reason: string };

/** An operation on the election store. */
export type StoreEffect = LockEffect | RecordEffect;

/** On the queue for the lock, and the record of the master. */
export type LockEffect =
  | { readonly kind: 'grant'; readonly ttlMs: number }
  | { readonly kind: 'renew'; readonly lease: LeaseId }
  | { readonly kind: 'revoke'; readonly lease: LeaseId }
  | { readonly kind: 'enqueue'; readonly lease: LeaseId; readonly id: ControllerId }
  | { readonly kind: 'read' }
  | {
      readonly kind: 'claim';
      readonly entry: QueueEntry;
      readonly term: Term;
      readonly previous: Term | undefined;
    }
  /** A master that was voted for takes the lock: the keys ahead of its own go, the record becomes its. */
  | {
      readonly kind: 'takeOver';
      readonly entry: QueueEntry;
      readonly ahead: readonly QueueEntry[];
      readonly term: Term;
      readonly previous: Term | undefined;
    };

/** On the record of the electorate. */
export type RecordEffect =
  /** Read; recorded where none is on record. */
  | { readonly kind: 'readElectorate'; readonly wanted: Electorate }
  /** Recorded where `from` is on record. */
  | { readonly kind: 'changeElectorate'; readonly from: Electorate; readonly to: Electorate };
