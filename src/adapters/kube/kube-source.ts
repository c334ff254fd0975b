import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../../core/api/types.gen.ts';
import type { NodeName, PoolName } from '../../core/ids.ts';
import { recordedLabels } from '../../core/membership.ts';
import type { EventSubject } from '../../core/object-event.ts';
import { OpError } from '../../core/op-error.ts';
import { addMs, NEVER } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Source, SourceSnapshot, TaskId, TaskManifest } from '../../ports/source.ts';
import { ApiClient } from './api-client.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { KubeHostLabels } from './host-labels.ts';
import { addFinalizer, removeFinalizer } from './finalizers.ts';
import { KubeEvents } from './kube-events.ts';
import type { ListWatchOutput } from './list-watch.ts';
import {
  FINALIZER,
  NODE_HEALTHS,
  NODES,
  toManifest,
  toNodeRecord,
  toTaskManifest,
  VIP_POOLS,
  VIP_TASKS,
} from './objects.ts';
import type { FollowedResource, KubeObject, Resource } from './objects.ts';
import { ObjectWriter } from './object-writer.ts';
import { Outages } from './outages.ts';
import { Reflector } from './reflector.ts';

export interface KubeSourceOptions {
  readonly cluster: ClusterAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** Where requests are counted. */
  readonly metrics?: Metrics;
  /**
   * A watch that says nothing for so long is taken for dead and resumed. Default 90 000; below 60 000 a quiet healthy
   * watch is reopened each time.
   */
  readonly watchSilenceMs?: number;
  /** Who tells events, of several controllers. Default "vippool". */
  readonly instance?: string;
  /**
   * The longest time that a new status of a node waits for its snapshot, ms. Default 0. A controller has written it itself,
   * or its master has, and of a thousand nodes there is a new one each 10 ms.
   */
  readonly nodeStatusDelayMs?: number;
  /** Whether VipTasks are followed, for which not every reader has the rights. Default true. */
  readonly tasks?: boolean;
  /** Whether the labels of the cluster's Nodes are followed. Default false. */
  readonly hostLabels?: boolean;
}

interface Collection {
  readonly resource: Resource;
  readonly objects: Map<string, KubeObject>;
  /** Whether it was ever read as a whole. */
  listed: boolean;
  reflector: Reflector | undefined;
}

const collection = (resource: Resource): Collection => ({
  resource,
  objects: new Map(),
  listed: false,
  reflector: undefined,
});

/** VipPools, NodeHealths and VipTasks of a Kubernetes API server. A way to it that swallows packets is noticed after 15 s. */
export class KubeSource implements Source {
  readonly events: EventSink;
  readonly #options: KubeSourceOptions;
  readonly #api: ApiClient;
  readonly #writer: ObjectWriter;
  readonly #stop = new AbortController();
  readonly #outages = new Outages();
  readonly #pools = collection(VIP_POOLS);
  readonly #nodes = collection(NODE_HEALTHS);
  readonly #tasks = collection(VIP_TASKS);
  readonly #hosts: KubeHostLabels | undefined;
  /** Of `readTasks`: the newest one, and the one that was answered. */
  readonly #marks: { wanted?: string; answered?: string } = {};
  #running: Promise<unknown> = Promise.resolve();
  #cancelPublish: (() => void) | undefined;
  #publishAt = NEVER;

  constructor(options: KubeSourceOptions) {
    this.#options = options;
    this.#hosts = options.hostLabels === true ? new KubeHostLabels() : undefined;
    this.#api = new ApiClient(options.cluster, options.metrics);
    this.#writer = new ObjectWriter(this.#api);
    const { clock, random, instance = 'vippool' } = options;
    this.events = new KubeEvents({ api: this.#api, clock, random, instance, uidOf: (about) => this.#uidOf(about) });
  }

  start(onSnapshot: (snapshot: SourceSnapshot) => void, onFault: (error: Error) => void): void {
    const { clock, random, watchSilenceMs = 90_000, tasks = true } = this.#options;
    const reflector = (resource: FollowedResource, take: (output: ListWatchOutput) => number | undefined): Reflector =>
      new Reflector({
        api: this.#api,
        clock,
        random,
        resource,
        watchSilenceMs,
        onOutput: (output) => {
          this.#report(resource, output, onFault);
          const dueMs = take(output);
          // Once per turn of the event loop: a burst of changes is one snapshot.
          if (dueMs !== undefined) this.#publishWithin(dueMs, onSnapshot);
        },
      });
    const reflectors: Reflector[] = [];
    for (const target of [this.#pools, this.#nodes, ...(tasks ? [this.#tasks] : [])]) {
      target.reflector = reflector(target.resource, (output) => this.#take(target, output));
      reflectors.push(target.reflector);
    }
    const hosts = this.#hosts;
    if (hosts) reflectors.push(reflector(NODES, (output) => (hosts.take(output) ? 0 : undefined)));
    this.#running = Promise.all(reflectors.map((each) => each.run(this.#stop.signal)));
  }

  async protect(pool: PoolName): Promise<void> {
    // Called for every pool all the time: what the watch shows already costs no request.
    if (this.#pools.objects.get(pool)?.metadata.finalizers.includes(FINALIZER)) return;
    await this.#writer.amend(VIP_POOLS, pool, addFinalizer);
  }

  async finalize(pool: PoolName): Promise<void> {
    await this.#writer.amend(VIP_POOLS, pool, removeFinalizer);
  }

  async writePoolStatus(pool: PoolName, status: VipPoolStatus): Promise<void> {
    await this.#writer.applyStatus(VIP_POOLS, pool, status);
  }

  async writeNodeStatus(node: NodeName, status: NodeHealthStatus): Promise<void> {
    if (await this.#writer.applyStatus(NODE_HEALTHS, node, status)) return;
    await this.#writer.ensure(NODE_HEALTHS, node);
    await this.#writer.applyStatus(NODE_HEALTHS, node, status);
  }

  readTasks(mark: string): void {
    this.#marks.wanted = mark;
    this.#tasks.reflector?.relist();
  }

  async writeTaskStatus({ name, uid }: TaskId, status: VipTaskStatus): Promise<void> {
    const known = this.#tasks.objects.get(name) ?? (await this.#writer.read(VIP_TASKS, name));
    if (known?.metadata.uid === uid) await this.#writer.applyStatusTo(VIP_TASKS, known, status);
  }

  async removeTask({ name, uid }: TaskId): Promise<void> {
    await this.#writer.remove(VIP_TASKS, name, uid);
  }

  /** What the watch shows already costs no request. */
  async #uidOf({ kind, name }: EventSubject): Promise<string | undefined> {
    const { objects, resource } = kind === 'VipPool' ? this.#pools : this.#nodes;
    const object = objects.get(name) ?? (await this.#writer.read(resource, name));
    return object?.metadata.uid;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelPublish?.();
    await this.#api.close();
    await this.#running;
  }

  #report({ plural }: FollowedResource, output: ListWatchOutput, onFault: (error: Error) => void): void {
    if (output.kind === 'healthy') this.#outages.healthy(plural);
    if (output.kind === 'fault' && this.#outages.failed(plural, complaint(output.error))) onFault(output.error);
  }

  /** Within how many milliseconds a snapshot is due for it; undefined: nothing is different. */
  #take(target: Collection, output: ListWatchOutput): number | undefined {
    const { objects } = target;
    switch (output.kind) {
      case 'healthy':
      case 'fault':
        return undefined;
      case 'replace': {
        const known = new Map(objects);
        objects.clear();
        for (const object of output.objects) objects.set(object.metadata.name, withKnownSpec(object, known));
        target.listed = true;
        if (target === this.#tasks && this.#marks.wanted !== undefined) this.#marks.answered = this.#marks.wanted;
        return 0;
      }
      case 'put': {
        const { name } = output.object.metadata;
        const before = objects.get(name);
        objects.set(name, withKnownSpec(output.object, objects));
        const { nodeStatusDelayMs = 0 } = this.#options;
        return target === this.#nodes && isOnlyStatus(before, output.object) ? nodeStatusDelayMs : 0;
      }
      case 'delete':
        objects.delete(output.object.metadata.name);
        return 0;
    }
  }

  /** Pools never wait for tasks. */
  #publishWithin(ms: number, onSnapshot: (snapshot: SourceSnapshot) => void): void {
    const { clock } = this.#options;
    const at = addMs(clock.now(), ms);
    const isWhole = this.#pools.listed && this.#nodes.listed && this.#hosts?.state !== 'unread';
    if (!isWhole || (this.#cancelPublish && this.#publishAt <= at)) return;
    this.#cancelPublish?.();
    this.#publishAt = at;
    this.#cancelPublish = clock.after(ms, () => {
      this.#cancelPublish = undefined;
      const nodes = inOrder(this.#nodes).map(toNodeRecord);
      onSnapshot({
        pools: inOrder(this.#pools).map(toManifest),
        nodes,
        // Where Nodes may not be read, what was known of them when that was written down: nothing moves for a missing right.
        hostLabels: this.#hosts?.state === 'refused' ? recordedLabels(nodes) : this.#hosts?.labels,
        ...(this.#tasks.listed ? { tasks: inOrder(this.#tasks).map(toTaskManifest).sort(byAge) } : {}),
        tasksAsOf: this.#marks.answered,
        problems: [],
        complete: true,
      });
    });
  }
}

/** The spec of an object stays the same one until it changes, so that whoever reads it can tell. */
function withKnownSpec(object: KubeObject, known: ReadonlyMap<string, KubeObject>): KubeObject {
  const { name, uid, generation } = object.metadata;
  const before = known.get(name);
  const same = generation > 0 && before?.metadata.uid === uid && before.metadata.generation === generation;
  return same ? { ...object, spec: before.spec } : object;
}

/** Only the status differs. */
const isOnlyStatus = (before: KubeObject | undefined, after: KubeObject): boolean =>
  before?.status !== undefined &&
  after.status !== undefined &&
  after.metadata.generation > 0 &&
  before.metadata.uid === after.metadata.uid &&
  before.metadata.generation === after.metadata.generation &&
  before.metadata.deletionTimestamp === after.metadata.deletionTimestamp;

const inOrder = ({ objects }: Collection): KubeObject[] =>
  [...objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

const byAge = (a: TaskManifest, b: TaskManifest): number =>
  a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? -1 : 1;

/** Faults of one cause share it: the server's absence, but each missing permission by itself. */
const complaint = (error: Error): string =>
  error instanceof OpError && (error.code === 'Unavailable' || error.code === 'DeadlineExceeded')
    ? 'away'
    : error.message;
