import type { Electorate } from '../../core/electorate.ts';
import type { LeaseId, QueueEntry } from '../../core/election-types.ts';
import type { ControllerId } from '../../core/ids.ts';
import { compareTerms, type Term } from '../../core/term.ts';

interface StoreLease {
  readonly ttlMs: number;
  endsAt: number;
}

/** The election store in virtual time, with the semantics of the real one. */
export class SimStore {
  readonly #leases = new Map<LeaseId, StoreLease>();
  readonly #queue: (QueueEntry & { lease: LeaseId })[] = [];
  #revision = 0;
  #leaseCount = 0;
  readonly #share: number;
  master: Term | undefined;
  #electorate: Electorate | undefined;
  away = false;

  /** @param share a lease ends after this share of its TTL; anything below 1 is a planted bug. */
  constructor(share = 1) {
    this.#share = share;
  }

  /** Ends what has run out. True when the queue changed. */
  expire(now: number): boolean {
    let changed = false;
    for (const [id, lease] of this.#leases) {
      if (lease.endsAt <= now) changed = this.revoke(id) || changed;
    }
    return changed;
  }

  grant(ttlMs: number, now: number): LeaseId {
    const id = `lease-${++this.#leaseCount}` as LeaseId;
    this.#leases.set(id, { ttlMs, endsAt: now + ttlMs * this.#share });
    return id;
  }

  renew(id: LeaseId, now: number): boolean {
    const lease = this.#leases.get(id);
    if (lease) lease.endsAt = now + lease.ttlMs * this.#share;
    return lease !== undefined;
  }

  revoke(id: LeaseId): boolean {
    this.#leases.delete(id);
    const index = this.#queue.findIndex((entry) => entry.lease === id);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }

  enqueue(lease: LeaseId, id: ControllerId): boolean {
    if (!this.#leases.has(lease)) return false;
    const present = this.#queue.find((entry) => entry.id === id);
    if (present) return present.lease === lease;
    this.#queue.push({ id, lease, revision: String(++this.#revision) });
    return true;
  }

  queue(): readonly QueueEntry[] {
    return this.#queue.map(({ id, revision }) => ({ id, revision }));
  }

  claim(entry: QueueEntry, term: Term, previous: Term | undefined): boolean {
    const [first] = this.#queue;
    if (first?.id !== entry.id || first.revision !== entry.revision || !same(this.master, previous))
      return same(this.master, term);
    this.master = term;
    return true;
  }

  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): boolean {
    const found = ({ id }: QueueEntry): QueueEntry | undefined => this.#queue.find((other) => other.id === id);
    const unchanged = ahead.every((other) => (found(other)?.revision ?? other.revision) === other.revision);
    if (found(entry)?.revision !== entry.revision || !unchanged || !same(this.master, previous))
      return same(this.master, term);
    for (const other of ahead) {
      const index = this.#queue.findIndex(({ id }) => id === other.id);
      if (index >= 0) this.#queue.splice(index, 1);
    }
    this.master = term;
    return true;
  }

  electorate(wanted: Electorate): Electorate {
    this.#electorate ??= wanted;
    return this.#electorate;
  }
}

const same = (a: Term | undefined, b: Term | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareTerms(a, b) === 0;
