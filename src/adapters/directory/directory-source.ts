import { basename, join } from 'node:path';
import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../../core/api/types.gen.ts';
import { nodeName, type NodeName, type PoolName } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { NodeRecord, PoolManifest, Source, SourceSnapshot, TaskId } from '../../ports/source.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { directoryId, namesIn, readContent, removeFile, toOpError } from './files.ts';
import { isManifestFile, ManifestFiles, type FileContent } from './manifest-files.ts';
import { isNodeName } from './manifest-text.ts';
import { PoolLedger } from './pool-ledger.ts';
import { recordOf } from './records.ts';
import { Settling } from './settling.ts';
import { StatusStore } from './status-store.ts';
import { TaskLedger } from './task-ledger.ts';

export interface DirectorySourceOptions {
  /** Directory of manifests (*.yaml, *.yml); not looked into recursively. */
  readonly path: string;
  /** Where status is written. Default: `status` inside `path`. */
  readonly statusPath?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** A file is read when it was left alone for so long. Default 10. Longer tolerates slower writers. */
  readonly settleMs?: number;
  /** Everything is read again this often, for file systems without change events. Default 10 000. */
  readonly rescanMs?: number;
  /** While the directory cannot be read or watched, it is tried again this often. Default 1 000. */
  readonly retryMs?: number;
}

/** Stands for "look at everything" among the names of files. */
const EVERYTHING = '';

/** VipPools, NodeHealths and VipTasks of a directory of YAML files. Nothing is written before a status is. */
export class DirectorySource implements Source {
  readonly #options: DirectorySourceOptions;
  readonly #manifests = new ManifestFiles();
  readonly #ledger = new PoolLedger();
  readonly #tasks = new TaskLedger();
  readonly #store: StatusStore;
  readonly #settling: Settling;
  readonly #watches: { readonly manifests: DirectoryWatch; readonly status: DirectoryWatch };
  #onSnapshot: (snapshot: SourceSnapshot) => void = () => undefined;
  #onFault: (error: Error) => void = () => undefined;
  #pools: readonly PoolManifest[] = [];
  #loaded = false;
  /** Of `readTasks`: the newest one, and the one that was answered. */
  readonly #marks: { wanted?: string | undefined; answered?: string | undefined } = {};
  #stopped = false;
  /** What the current outage was reported as. */
  #fault: string | undefined;
  #working: Promise<void> | undefined;
  readonly #timers: Record<'settle' | 'rescan' | 'publish', (() => void) | undefined> = {
    settle: undefined,
    rescan: undefined,
    publish: undefined,
  };

  constructor(options: DirectorySourceOptions) {
    const { path, statusPath = join(path, 'status'), random, settleMs = 10 } = options;
    this.#options = options;
    this.#store = new StatusStore(statusPath, () => random.hex(4));
    this.#settling = new Settling(settleMs);
    this.#watches = {
      manifests: new DirectoryWatch(path, (file) => this.#onManifestHint(file)),
      status: new DirectoryWatch(statusPath, (file) => this.#onStatusHint(file)),
    };
  }

  start(onSnapshot: (snapshot: SourceSnapshot) => void, onFault: (error: Error) => void): void {
    this.#onSnapshot = onSnapshot;
    this.#onFault = onFault;
    this.#work();
  }

  async protect(pool: PoolName): Promise<void> {
    if (this.#store.pools().has(pool)) return;
    await this.#store.write('VipPool', pool, (old) => old ?? this.#ledger.record(pool, old, undefined));
    this.#publishSoon();
  }

  async finalize(pool: PoolName): Promise<void> {
    const isDeleting = (): boolean => this.#pools.some(({ name, deleting }) => name === pool && deleting);
    if (!isDeleting()) return;
    await this.#store.remove('VipPool', pool, isDeleting);
    this.#publishSoon();
  }

  async writePoolStatus(pool: PoolName, status: VipPoolStatus): Promise<void> {
    if (!this.#pools.some(({ name }) => name === pool)) return;
    await this.#store.write('VipPool', pool, (old) => this.#ledger.record(pool, old, status));
    this.#publishSoon();
  }

  async writeNodeStatus(node: NodeName, status: NodeHealthStatus): Promise<void> {
    if (!isNodeName(node)) throw new OpError('InvalidInput', `"${node}" is not a valid name of a node`);
    await this.#store.write('NodeHealth', node, () => ({ kind: 'NodeHealth', name: node, status }));
    this.#publishSoon();
  }

  readTasks(mark: string): void {
    this.#marks.wanted = mark;
    this.#touch(EVERYTHING);
  }

  async writeTaskStatus({ name, uid }: TaskId, status: VipTaskStatus): Promise<void> {
    const task = this.#tasks.find(name, uid);
    if (!task) return;
    const { createdAt, spec } = task;
    await this.#store.write('VipTask', name, () => ({ kind: 'VipTask', name, uid, createdAt, spec, status }));
    this.#publishSoon();
  }

  /** The record goes after the manifest: without it, whoever still sees the manifest would take it for a new task. */
  async removeTask({ name, uid }: TaskId): Promise<void> {
    const task = this.#tasks.find(name, uid);
    if (task?.deleting) {
      await this.#store.remove('VipTask', name, () => this.#tasks.find(name, uid)?.deleting === true);
      return this.#publishSoon();
    }
    // Of a file that declares more than the task nothing is taken away: its record keeps it from being done again.
    const file = task && this.#manifests.fileOfOnly('VipTask', name);
    if (file === undefined) return;
    await removeFile(join(this.#options.path, file));
    this.#touch(file);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watches.manifests.close();
    this.#watches.status.close();
    for (const cancel of Object.values(this.#timers)) cancel?.();
    await this.#working;
    await this.#store.idle();
  }

  #onManifestHint(file: string | undefined): void {
    if (file !== undefined && isManifestFile(file)) this.#touch(file);
    // The rest are temporary files, or changes of what lies behind many names at once (mounted ConfigMaps: ..data).
    else if (file === undefined || this.#mayCoverMany(file)) this.#touch(EVERYTHING);
  }

  #mayCoverMany(file: string): boolean {
    return file === '..data' || file === basename(this.#options.path) || file === basename(this.#store.path);
  }

  #onStatusHint(file: string | undefined): void {
    if (file === undefined || file === basename(this.#store.path)) this.#touch(EVERYTHING);
    else if (recordOf(file)) this.#touch(statusKey(file));
  }

  #touch(key: string): void {
    this.#settling.touch(key, this.#options.clock.now());
    this.#arm();
  }

  #arm(): void {
    this.#timers.settle?.();
    const ms = this.#settling.nextMs(this.#options.clock.now());
    if (this.#stopped || ms === undefined) return;
    this.#timers.settle = this.#options.clock.after(ms, () => this.#work());
  }

  /** One pass at a time; what comes up meanwhile starts the next one. */
  #work(): void {
    if (this.#working !== undefined || this.#stopped) return;
    const due = this.#settling.take(this.#options.clock.now());
    const keys = this.#loaded ? due : [EVERYTHING];
    if (keys.length === 0) return this.#arm();
    this.#working = this.#pass(keys)
      .catch((error: unknown) => this.#failed(toOpError(error, `read ${this.#options.path}`)))
      .finally(() => {
        this.#working = undefined;
        this.#arm();
      });
  }

  async #pass(keys: readonly string[]): Promise<void> {
    const { path } = this.#options;
    const id = await directoryId(path);
    // The files of a directory that has gone were not removed one by one.
    if (id === undefined) throw new OpError('NotFound', `the directory ${path} does not exist`, { retryable: true });
    let changed = keys.includes(EVERYTHING) && (await this.#lookAtEverything(id));
    for (const key of keys) {
      if (key === EVERYTHING) continue;
      const statusFile = fileOfStatusKey(key);
      const news = await (statusFile === undefined ? this.#readManifest(key) : this.#store.refresh(statusFile));
      changed ||= news;
    }
    if (changed) this.#publishSoon();
  }

  /** Reads both directories; manifests that changed are left to settle first, except at the start. */
  async #lookAtEverything(id: string): Promise<boolean> {
    const { path, rescanMs = 10_000 } = this.#options;
    const { wanted, answered } = this.#marks;
    // Watches come first, so that no change falls between them and the reading.
    const watchFault = this.#follow(id, await this.#store.id());
    const names = new Set([...(await namesIn(path)).filter(isManifestFile), ...this.#manifests.names()]);
    const statusChanged = await this.#store.refreshAll();
    if (this.#loaded) await Promise.all([...names].map((file) => this.#touchIfChanged(file)));
    else await Promise.all([...names].map((file) => this.#readManifest(file)));
    const first = !this.#loaded;
    this.#loaded = true;
    this.#marks.answered = wanted;
    if (watchFault === undefined) {
      this.#fault = undefined;
      this.#rescanIn(rescanMs);
    } else {
      this.#failed(watchFault);
    }
    return first || statusChanged || wanted !== answered;
  }

  #follow(id: string, statusId: string | undefined): OpError | undefined {
    if (this.#stopped) return undefined;
    try {
      this.#watches.manifests.follow(id);
      this.#watches.status.follow(statusId);
      return undefined;
    } catch (error) {
      return toOpError(error, `watch ${this.#options.path} for changes, so it is read again and again`);
    }
  }

  async #touchIfChanged(file: string): Promise<void> {
    if (this.#manifests.differs(file, await this.#contentOf(file))) this.#touch(file);
  }

  /** True where the file changed. */
  async #readManifest(file: string): Promise<boolean> {
    const content = await this.#contentOf(file);
    if (!this.#manifests.differs(file, content)) return false;
    if (content === undefined) this.#manifests.remove(file);
    else this.#manifests.put(file, content);
    return true;
  }

  #contentOf(file: string): Promise<FileContent | undefined> {
    return readContent(join(this.#options.path, file));
  }

  #failed(error: OpError): void {
    if (this.#stopped) return;
    this.#rescanIn(this.#options.retryMs ?? 1_000);
    if (this.#fault === error.message) return;
    this.#fault = error.message;
    this.#onFault(error);
  }

  #rescanIn(ms: number): void {
    this.#timers.rescan?.();
    if (this.#stopped) return;
    this.#timers.rescan = this.#options.clock.after(ms, () => this.#touch(EVERYTHING));
  }

  /** Once per turn of the event loop: a burst of changes is one snapshot. */
  #publishSoon(): void {
    if (!this.#loaded || this.#stopped || this.#timers.publish !== undefined) return;
    this.#timers.publish = this.#options.clock.after(0, () => {
      this.#timers.publish = undefined;
      this.#onSnapshot(this.#snapshot());
    });
  }

  #snapshot(): SourceSnapshot {
    const declared = this.#manifests.declarations();
    this.#pools = this.#ledger.reconcile(declared, this.#store.pools());
    const nodes = new Map<string, NodeRecord>();
    for (const { kind, name, spec } of declared.manifests) {
      if (kind === 'NodeHealth') nodes.set(name, { name: nodeName(name), spec, status: undefined });
    }
    for (const { name, status } of this.#store.nodes()) {
      nodes.set(name, { name: nodeName(name), spec: nodes.get(name)?.spec, status });
    }
    return {
      pools: this.#pools,
      nodes: [...nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      tasks: this.#tasks.reconcile(declared, this.#store.tasks()),
      tasksAsOf: this.#marks.answered,
      problems: [...declared.problems, ...this.#store.problems()],
      complete: declared.complete,
    };
  }
}

/** Names of status files among the names of manifests; no file of a directory has a slash in its name. */
const statusKey = (file: string): string => `status/${file}`;
const fileOfStatusKey = (key: string): string | undefined =>
  key.startsWith('status/') ? key.slice('status/'.length) : undefined;
