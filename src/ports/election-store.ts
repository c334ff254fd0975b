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
   * A master that was voted for takes the lock: in one transaction deletes the keys ahead of its own and writes the
   * record, only while its entry exists and the record is the one that was read. True when it is done, also when an
   * earlier try did it.
   */
  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): Promise<boolean>;
  /** The electorate on record, which is `wanted` where none was. InvalidInput where the record cannot be read. */
  electorate(wanted: Electorate): Promise<Electorate>;
  /** Records `to` where `from` is on record. What is on record then. */
  changeElectorate(from: Electorate, to: Electorate): Promise<Electorate>;
  /** Calls `changed` whenever the queue or the record may have changed: an accelerator, `read` is the truth. */
  watch(changed: () => void): () => void;
  close(): void;
}
