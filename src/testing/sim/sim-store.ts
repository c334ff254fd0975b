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
    if (first?.id !== entry.id || first.revision !== entry.revision || !sameTerm(this.master, previous))
      return sameTerm(this.master, term);
    this.master = term;
    return true;
  }

  /** A master that was voted for: who is ahead of it loses its place. */
  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): boolean {
    if (sameTerm(this.master, term)) return true;
    const present = (item: QueueEntry): boolean =>
      this.#queue.some(({ id, revision }) => id === item.id && revision === item.revision);
    if (!sameTerm(this.master, previous) || ![entry, ...ahead].every(present)) return false;
    for (const { revision } of ahead) {
      this.#queue.splice(
        this.#queue.findIndex((item) => item.revision === revision),
        1,
      );
    }
    this.master = term;
    return true;
  }
}

const sameTerm = (a: Term | undefined, b: Term | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareTerms(a, b) === 0;
