import type { LeaseId, QueueEntry } from '../core/election-types.ts';
import { type Electorate, electorateName } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import { OpError } from '../core/op-error.ts';
import type { Term } from '../core/term.ts';
import type { Clock } from '../ports/clock.ts';
import type { ElectionStore, ElectionView } from '../ports/election-store.ts';
import { SimStore } from './sim/sim-store.ts';

/** The electorate's record in memory, for any number of controllers; leases end by the given clock. */
export class FakeElection {
  readonly #clock: Clock;
  readonly #store = new SimStore();
  readonly #watchers = new Set<() => void>();
  /** Calls fail at once and change nothing. */
  away = false;
  /** On record. */
  electorate: Electorate | undefined;
  /** So many of the next calls take effect, and then fail. */
  answersToLose = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  newStore(): ElectionStore {
    return new FakeElectionStore(this);
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  /** Runs an operation on what is there now. */
  async ask<T>(operation: (store: SimStore, now: number) => T, changes: boolean): Promise<T> {
    await Promise.resolve();
    if (this.away) throw new OpError('Unavailable', 'the election store is away');
    this.#expire();
    const result = operation(this.#store, this.#clock.now());
    if (changes) this.#tell();
    if (this.answersToLose > 0) {
      this.answersToLose--;
      throw new OpError('DeadlineExceeded', 'the answer of the election store was lost');
    }
    return result;
  }

  grant(ttlMs: number): Promise<LeaseId> {
    return this.ask((store, now) => {
      const lease = store.grant(ttlMs, now);
      this.#watchLease(ttlMs);
      return lease;
    }, false);
  }

  renew(lease: LeaseId, ttlMs: number): Promise<boolean> {
    return this.ask((store, now) => {
      this.#watchLease(ttlMs);
      return store.renew(lease, now);
    }, false);
  }

  #watchLease(ttlMs: number): void {
    this.#clock.after(ttlMs, () => this.#expire());
  }

  #expire(): void {
    if (this.#store.expire(this.#clock.now())) this.#tell();
  }

  #tell(): void {
    if (!this.away) for (const changed of this.#watchers) changed();
  }
}

class FakeElectionStore implements ElectionStore {
  readonly #election: FakeElection;
  readonly #ttls = new Map<LeaseId, number>();

  constructor(election: FakeElection) {
    this.#election = election;
  }

  async grant(ttlMs: number): Promise<LeaseId> {
    const lease = await this.#election.grant(ttlMs);
    this.#ttls.set(lease, ttlMs);
    return lease;
  }

  renew(lease: LeaseId): Promise<boolean> {
    return this.#election.renew(lease, this.#ttls.get(lease) ?? 0);
  }

  async revoke(lease: LeaseId): Promise<void> {
    await this.#election.ask((store) => store.revoke(lease), true);
  }

  enqueue(lease: LeaseId, id: ControllerId): Promise<boolean> {
    return this.#election.ask((store) => store.enqueue(lease, id), true);
  }

  read(): Promise<ElectionView> {
    return this.#election.ask((store) => ({ queue: store.queue(), master: store.master }), false);
  }

  claim(entry: QueueEntry, term: Term, previous: Term | undefined): Promise<boolean> {
    return this.#election.ask((store) => store.claim(entry, term, previous), true);
  }

  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): Promise<boolean> {
    return this.#election.ask((store) => store.takeOver(entry, ahead, term, previous), true);
  }

  electorate(wanted: Electorate): Promise<Electorate> {
    return this.#election.ask(() => (this.#election.electorate ??= wanted), false);
  }

  changeElectorate(from: Electorate, to: Electorate): Promise<Electorate> {
    return this.#election.ask(() => {
      const { electorate: before } = this.#election;
      if (!before || electorateName(before) !== electorateName(from)) return before ?? from;
      return (this.#election.electorate = to);
    }, true);
  }

  watch(changed: () => void): () => void {
    return this.#election.watch(changed);
  }

  close(): void {
    this.#ttls.clear();
  }
}
