import type { LeaseId, QueueEntry } from '../core/election-types.ts';
import type { Electorate } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import type { Term } from '../core/term.ts';

export type { LeaseId, QueueEntry };

export interface ElectionView {
  /** In order of revision: the first one holds the lock. */
  readonly queue: readonly QueueEntry[];
  /** `<prefix>/master`: the newest master that announced itself, alive or not. */
  readonly master: Term | undefined;
}

/** The electorate's shared record in etcd. Each call has its own deadline and is tried once; errors are OpErrors. */
export interface ElectionStore {
  /** A lease of the whole seconds nearest to `ttlMs`; the store chooses the id. */
  grant(ttlMs: number): Promise<LeaseId>;
  /** Extends the lease; false where it has ended already. */
  renew(lease: LeaseId): Promise<boolean>;
  revoke(lease: LeaseId): Promise<void>;
  /** Writes our key if it does not exist. False: an earlier run of the same id is still in the queue. */
  enqueue(lease: LeaseId, id: ControllerId): Promise<boolean>;
  /** Linearizable. */
  read(): Promise<ElectionView>;
  /**
   * Writes the master record, only while our queue entry is (still) the first one and the record is the one we read.
   * True when the record is ours, also when an earlier try of the same claim did it.
   */
  claim(entry: QueueEntry, term: Term, previous: Term | undefined): Promise<boolean>;
  /**
   * Takes the lock from controllers that are lost: deletes their entries `ahead` of ours and writes the master record,
   * all or nothing, only while each of them and our own are the ones that were read, and the record is the one we read.
   * An entry that has gone meanwhile is no obstacle. True when the record is ours, also when an earlier try did it.
   */
  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): Promise<boolean>;
  /**
   * Writes the electorate where none is on record, and returns the one that is. A record that is none of ours is an
   * OpError InvalidInput that names the key.
   */
  electorate(wanted: Electorate): Promise<Electorate>;
  /** Calls `changed` whenever the queue or the record may have changed: an accelerator, `read` is the truth. */
  watch(changed: () => void): () => void;
  close(): void;
}
