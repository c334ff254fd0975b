import type { ElectionEvent, LeaseId, LockEffect, QueueEntry, RecordEffect } from '../../core/election-types.ts';
import { type Electorate, electorateName } from '../../core/electorate.ts';
import type { ControllerId } from '../../core/ids.ts';
import { compareTerms, type Term } from '../../core/term.ts';
import type { Monotonic } from '../../core/time.ts';

interface StoreLease {
  readonly ttlMs: number;
  endsAt: number;
}

const sameTerm = (a: Term | undefined, b: Term | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareTerms(a, b) === 0;

/** The election store in virtual time, with the semantics of the real one. */
export class SimStore {
  readonly #leases = new Map<LeaseId, StoreLease>();
  readonly #queue: (QueueEntry & { lease: LeaseId })[] = [];
  #revision = 0;
  #leaseCount = 0;
  /** Grows whenever the queue or the record changes. */
  changes = 0;
  master: Term | undefined;
  /** The electorate on record. */
  electorate: Electorate | undefined;
  /** No answer to anybody, and no lease ends meanwhile. */
  down = 0;

  /** Does what a controller asks for, and what comes back to it; `sentAt` by its own clock. */
  answer(effect: LockEffect, now: number, sentAt: Monotonic): ElectionEvent | undefined {
    switch (effect.kind) {
      case 'grant':
        return { kind: 'granted', lease: this.grant(effect.ttlMs, now), sentAt };
      case 'renew':
        return { kind: 'renewed', lease: effect.lease, alive: this.renew(effect.lease, now), sentAt };
      case 'revoke':
        this.revoke(effect.lease);
        return undefined;
      case 'enqueue':
        return { kind: 'enqueued', accepted: this.enqueue(effect.lease, effect.id) };
      case 'read':
        return { kind: 'viewed', queue: this.queue(), master: this.master };
      case 'claim':
        return { kind: 'claimed', won: this.claim(effect.entry, effect.term, effect.previous), term: effect.term };
      case 'takeOver': {
        const won = this.takeOver(effect.entry, effect.ahead, effect.term, effect.previous);
        return { kind: 'taken-over', won, term: effect.term };
      }
    }
  }

  /** The electorate on record then. */
  record(effect: RecordEffect): Electorate {
    if (effect.kind === 'readElectorate') return (this.electorate ??= effect.wanted);
    const { from, to } = effect;
    if (!this.electorate || electorateName(this.electorate) !== electorateName(from)) return this.electorate ?? from;
    this.changes++;
    return (this.electorate = to);
  }

  /** Ends what has run out. True when the queue changed. */
  expire(now: number): boolean {
    let changed = false;
    for (const [id, lease] of this.#leases) {
      if (lease.endsAt <= now) changed = this.revoke(id) || changed;
    }
    return changed;
  }

  /** A store that comes back extends every lease: its clock of leases stood still. */
  extendAll(now: number): void {
    for (const lease of this.#leases.values()) lease.endsAt = now + lease.ttlMs;
  }

  grant(ttlMs: number, now: number): LeaseId {
    const id = `lease-${++this.#leaseCount}` as LeaseId;
    this.#leases.set(id, { ttlMs, endsAt: now + ttlMs });
    return id;
  }

  renew(id: LeaseId, now: number): boolean {
    const lease = this.#leases.get(id);
    if (lease) lease.endsAt = now + lease.ttlMs;
    return lease !== undefined;
  }

  revoke(id: LeaseId): boolean {
    this.#leases.delete(id);
    const index = this.#queue.findIndex((entry) => entry.lease === id);
    if (index < 0) return false;
    this.#queue.splice(index, 1);
    this.changes++;
    return true;
  }

  enqueue(lease: LeaseId, id: ControllerId): boolean {
    if (!this.#leases.has(lease)) return false;
    const present = this.#queue.find((entry) => entry.id === id);
    if (present) return present.lease === lease;
    this.#queue.push({ id, lease, revision: String(++this.#revision) });
    this.changes++;
    return true;
  }

  queue(): readonly QueueEntry[] {
    return this.#queue.map(({ id, revision }) => ({ id, revision }));
  }

  /** Writes the record where the entry is the first one and the record is the one that was read. */
  claim(entry: QueueEntry, term: Term, previous: Term | undefined): boolean {
    const [first] = this.#queue;
    if (first?.id !== entry.id || first.revision !== entry.revision || !sameTerm(this.master, previous))
      return sameTerm(this.master, term);
    this.master = term;
    this.changes++;
    return true;
  }

  /** Like `claim`, and the entries ahead go first, each as it was read. */
  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): boolean {
    const placeOf = (wanted: QueueEntry): number =>
      this.#queue.findIndex(({ id, revision }) => id === wanted.id && revision === wanted.revision);
    if (placeOf(entry) < 0 || !sameTerm(this.master, previous)) return sameTerm(this.master, term);
    const made = ({ id }: QueueEntry): boolean => this.#queue.some((other) => other.id === id);
    if (ahead.some((other) => made(other) && placeOf(other) < 0)) return sameTerm(this.master, term);
    // One that has gone by itself meanwhile is no longer in the way.
    for (const other of ahead) if (placeOf(other) >= 0) this.#queue.splice(placeOf(other), 1);
    this.master = term;
    this.changes++;
    return true;
  }
}
