import { isDeepStrictEqual } from 'node:util';
import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../core/api/types.gen.ts';
import { nodeName, poolName, type NodeName, type PoolName } from '../core/ids.ts';
import type { PoolManifest, Source, SourceProblem, SourceSnapshot, TaskId, TaskManifest } from '../ports/source.ts';

interface StoredPool {
  readonly manifest: PoolManifest;
  readonly protected: boolean;
}

/** Pools and nodes in memory, shared by the sources made from it: what an API server is to its clients. */
export class FakeSourceStore {
  readonly #pools = new Map<string, StoredPool>();
  readonly #nodes = new Map<string, { readonly spec?: unknown; readonly status: NodeHealthStatus | undefined }>();
  readonly #tasks = new Map<string, TaskManifest>();
  readonly #sources = new Set<FakeSource>();
  #problems: readonly SourceProblem[] = [];
  #complete = true;
  #created = 0;
  /** Every write fails with this while it is set. */
  writeError: Error | undefined;

  /** Creates or edits a pool, as its author does. */
  apply(name: string, spec: unknown): void {
    const old = this.#pools.get(name);
    if (old === undefined) this.#pools.set(name, { manifest: this.#create(name, spec), protected: false });
    else {
      const generation = old.manifest.generation + (isDeepStrictEqual(old.manifest.spec, spec) ? 0 : 1);
      this.#pools.set(name, { ...old, manifest: { ...old.manifest, spec, generation } });
    }
    this.#changed();
  }

  /** Removes a pool, as its author does; a protected one stays as `deleting`. */
  remove(name: string): void {
    const pool = this.#pools.get(name);
    if (pool?.protected) this.#pools.set(name, { ...pool, manifest: { ...pool.manifest, deleting: true } });
    else this.#pools.delete(name);
    this.#changed();
  }

  /** Creates or edits a NodeHealth, as an administrator does. */
  applyNode(name: string, spec: unknown): void {
    this.#nodes.set(name, { spec, status: this.#nodes.get(name)?.status });
    this.#changed();
  }

  /** Creates a VipTask. */
  applyTask(name: string, spec: unknown): void {
    const { uid, createdAt } = this.#create(name, spec);
    this.#tasks.set(name, { name, uid, createdAt, deleting: false, spec, status: undefined });
    this.#changed();
  }

  /** Removes a VipTask, as its author does. */
  deleteTask(name: string): void {
    this.#tasks.delete(name);
    this.#changed();
  }

  /** Manifests that cannot be read. `complete` false: some never could. */
  setProblems(problems: readonly SourceProblem[], complete: boolean): void {
    this.#problems = problems;
    this.#complete = complete;
    this.#changed();
  }

  /** Reports an outage to every source that runs. */
  fault(error: Error): void {
    for (const source of this.#sources) source.fail(error);
  }

  poolStatus(name: string): VipPoolStatus | undefined {
    return this.#pools.get(name)?.manifest.status;
  }

  nodeStatus(name: string): NodeHealthStatus | undefined {
    return this.#nodes.get(name)?.status;
  }

  taskStatus(name: string): VipTaskStatus | undefined {
    return this.#tasks.get(name)?.status;
  }

  snapshot(): SourceSnapshot {
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    return {
      pools: [...this.#pools.values()].map(({ manifest }) => manifest).sort(byName),
      nodes: [...this.#nodes].map(([name, node]) => ({ name: nodeName(name), ...node })).sort(byName),
      tasks: [...this.#tasks.values()],
      problems: this.#problems,
      complete: this.#complete,
    };
  }

  /** For FakeSource. Without a pool of that name nothing happens. */
  updatePool(name: string, update: (pool: StoredPool) => StoredPool | undefined): void {
    if (this.writeError) throw this.writeError;
    const pool = this.#pools.get(name);
    if (pool === undefined) return;
    const updated = update(pool);
    if (updated === undefined) this.#pools.delete(name);
    else this.#pools.set(name, updated);
    this.#changed();
  }

  /** For FakeSource. */
  updateNode(name: string, status: NodeHealthStatus): void {
    if (this.writeError) throw this.writeError;
    this.#nodes.set(name, { ...this.#nodes.get(name), status });
    this.#changed();
  }

  /** For FakeSource. `update` returns undefined to remove the task. */
  updateTask({ name, uid }: TaskId, update: (task: TaskManifest) => TaskManifest | undefined): void {
    if (this.writeError) throw this.writeError;
    const task = this.#tasks.get(name);
    if (task?.uid !== uid) return;
    const updated = update(task);
    if (updated) this.#tasks.set(name, updated);
    else this.#tasks.delete(name);
    this.#changed();
  }

  /** For FakeSource. */
  attach(source: FakeSource): () => void {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  #create(name: string, spec: unknown): PoolManifest {
    const count = ++this.#created;
    return {
      name: poolName(name),
      uid: `uid-${count}`,
      generation: 1,
      createdAt: new Date(Date.UTC(2026, 0, 1) + count * 1_000).toISOString(),
      deleting: false,
      spec,
      status: undefined,
    };
  }

  #changed(): void {
    for (const source of this.#sources) source.publishSoon();
  }
}

/** A Source without any I/O; snapshots follow changes in the next microtask. */
export class FakeSource implements Source {
  readonly store: FakeSourceStore;
  #onSnapshot: ((snapshot: SourceSnapshot) => void) | undefined;
  #onFault: ((error: Error) => void) | undefined;
  #detach: () => void = () => undefined;
  #scheduled = false;
  #tasksAsOf: string | undefined;
  #isCutOff = false;

  constructor(store: FakeSourceStore) {
    this.store = store;
  }

  start(onSnapshot: (snapshot: SourceSnapshot) => void, onFault: (error: Error) => void): void {
    this.#onSnapshot = onSnapshot;
    this.#onFault = onFault;
    this.#detach = this.store.attach(this);
    this.publishSoon();
  }

  async protect(pool: PoolName): Promise<void> {
    this.store.updatePool(pool, (old) => (old.manifest.deleting ? old : { ...old, protected: true }));
  }

  async finalize(pool: PoolName): Promise<void> {
    this.store.updatePool(pool, (old) => (old.manifest.deleting ? undefined : old));
  }

  async writePoolStatus(pool: PoolName, status: VipPoolStatus): Promise<void> {
    this.store.updatePool(pool, (old) => ({ ...old, manifest: { ...old.manifest, status } }));
  }

  async writeNodeStatus(node: NodeName, status: NodeHealthStatus): Promise<void> {
    this.store.updateNode(node, status);
  }

  readTasks(mark: string): void {
    this.#tasksAsOf = mark;
    this.publishSoon();
  }

  async writeTaskStatus(task: TaskId, status: VipTaskStatus): Promise<void> {
    this.store.updateTask(task, (old) => ({ ...old, status }));
  }

  async removeTask(task: TaskId): Promise<void> {
    this.store.updateTask(task, () => undefined);
  }

  async stop(): Promise<void> {
    this.#detach();
    this.#onSnapshot = undefined;
    this.#onFault = undefined;
  }

  fail(error: Error): void {
    this.#onFault?.(error);
  }

  /** From now on it reads nothing, and does not notice. */
  cutOff(): void {
    this.#isCutOff = true;
  }

  reconnect(): void {
    this.#isCutOff = false;
    this.publishSoon();
  }

  publishSoon(): void {
    if (this.#scheduled || this.#isCutOff) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#onSnapshot?.({ ...this.store.snapshot(), tasksAsOf: this.#tasksAsOf });
    });
  }
}
