import type { PoolManifest, Source, SourceSnapshot } from '../ports/source.ts';

/** Starts a source and remembers what it says. */
export class SnapshotRecorder {
  readonly source: Source;
  readonly snapshots: SourceSnapshot[] = [];
  readonly faults: Error[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(source: Source) {
    this.source = source;
  }

  start(): this {
    this.source.start(
      (snapshot) => {
        this.snapshots.push(snapshot);
        this.#wake();
      },
      (error) => {
        this.faults.push(error);
        this.#wake();
      },
    );
    return this;
  }

  get latest(): SourceSnapshot | undefined {
    return this.snapshots.at(-1);
  }

  pool(name: string): PoolManifest | undefined {
    return this.latest?.pools.find((pool) => pool.name === name);
  }

  /** Waits until the newest snapshot is as wanted and returns it; rejects with what was seen instead. */
  async until(
    what: string,
    matches: (snapshot: SourceSnapshot) => boolean,
    withinMs = 10_000,
  ): Promise<SourceSnapshot> {
    await this.when(what, () => this.latest !== undefined && matches(this.latest), withinMs);
    return this.latest as SourceSnapshot;
  }

  /** Waits until a pool is as wanted and returns it. */
  async untilPool(name: string, matches: (pool: PoolManifest) => boolean = () => true): Promise<PoolManifest> {
    const found = (snapshot: SourceSnapshot): PoolManifest | undefined =>
      snapshot.pools.find((pool) => pool.name === name && matches(pool));
    return found(await this.until(`pool ${name}`, (snapshot) => found(snapshot) !== undefined)) as PoolManifest;
  }

  /** Waits until there are `count` faults and returns the last of them. */
  async untilFault(count = 1, withinMs = 10_000): Promise<Error> {
    await this.when(`fault ${count}`, () => this.faults.length >= count, withinMs);
    return this.faults[count - 1] as Error;
  }

  /** Waits until `done`, asked after every snapshot and fault. */
  when(what: string, done: () => boolean, withinMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        act();
      };
      const check = (): void => {
        if (done()) finish(resolve);
      };
      const timer = setTimeout(() => {
        const seen = JSON.stringify({ latest: this.latest, faults: this.faults.map(String) });
        finish(() => reject(new Error(`not seen within ${withinMs} ms: ${what}; instead ${seen.slice(0, 2_000)}`)));
      }, withinMs);
      this.#waiters.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of this.#waiters) check();
  }
}
