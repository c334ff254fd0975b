import type { Evidence, Finding } from '../../ports/evidence.ts';
import type { SourceProblem } from '../../ports/source.ts';
import { ApiClient } from './api-client.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { EvidenceReader, type Read, type Wanted } from './evidence-reader.ts';
import {
  NODE_HEALTHS,
  parseObject,
  pathOf,
  type Resource,
  toManifest,
  toNodeRecord,
  toTaskManifest,
} from './objects.ts';
import { VIP_POOLS, VIP_TASKS } from './objects.ts';
import { podEvidence } from './pod-evidence.ts';
import { field, list, text, workloadTroubles } from './workload-trouble.ts';

export interface KubeEvidenceOptions {
  readonly cluster: ClusterAccess;
  /** Where pods of vippool are looked for. Default: everywhere. */
  readonly namespace?: string | undefined;
  /** Logs are not older than this. */
  readonly sinceMs: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Every object of the chart has it, whatever the release is called. */
const OURS = { labelSelector: 'app.kubernetes.io/part-of=vippool' };
const EVENTS = '/apis/events.k8s.io/v1';
/** As many as the connections that a client has. */
const PODS_AT_ONCE = 4;

/** What an API server lets its user see of vippool. Secrets are not asked for. */
export class KubeEvidence implements Evidence {
  readonly #options: KubeEvidenceOptions;
  readonly #api: ApiClient;
  readonly #reader: EvidenceReader;

  constructor(options: KubeEvidenceOptions) {
    this.#options = options;
    this.#api = new ApiClient(options.cluster);
    this.#reader = new EvidenceReader(this.#api);
  }

  async *findings(signal: AbortSignal): AsyncGenerator<Finding, void, undefined> {
    const version = await this.#reader.object({ verb: 'get', resource: 'version', path: '/version' });
    if (!version.ok && version.isAway) {
      return yield { kind: 'missing', what: 'what the API server knows', why: version.why };
    }
    yield version.ok
      ? { kind: 'fact', what: 'Kubernetes', value: text(version.value, 'gitVersion') }
      : { kind: 'missing', what: 'version of Kubernetes', why: version.why };
    yield* this.#resources();
    yield* this.#definitions();
    const workloads = [...(yield* this.#workloads('DaemonSet')), ...(yield* this.#workloads('StatefulSet'))];
    const pods = yield* this.#listed('pods', '/api/v1', 'kubernetes/pods.yaml');
    yield* this.#eventsAbout([...workloads, ...pods]);
    if (pods.length === 0) yield { kind: 'missing', what: 'what controllers and agents tell', why: this.#noPods() };
    for (let at = 0; at < pods.length; at += PODS_AT_ONCE) {
      if (signal.aborted) return yield* pods.slice(at).map(noTimeFor);
      const batch = pods.slice(at, at + PODS_AT_ONCE);
      const told = await Promise.all(batch.map((pod) => podEvidence(this.#reader, pod, this.#options.sinceMs)));
      yield* told.flat();
    }
  }

  async close(): Promise<void> {
    await this.#api.close();
  }

  /** Of what may not be read the snapshot has nothing, and says so. */
  async *#resources(): AsyncGenerator<Finding, void, undefined> {
    const problems: SourceProblem[] = [];
    const read = async (resource: Resource): Promise<readonly Json[] | undefined> => {
      const where = `${resource.plural}.vippool.io`;
      const listed = await this.#reader.list({ verb: 'list', resource: where, path: pathOf(resource) });
      if (listed.ok) return listed.value;
      problems.push({ where, message: listed.why });
      return undefined;
    };
    const [pools, nodes, tasks] = [await read(VIP_POOLS), await read(NODE_HEALTHS), await read(VIP_TASKS)];
    yield* problems.map(({ where, message }): Finding => ({ kind: 'missing', what: where, why: message }));
    if (pools) yield { kind: 'objects', path: 'resources/vippools.yaml', objects: pools };
    if (nodes) yield { kind: 'objects', path: 'resources/nodehealths.yaml', objects: nodes };
    if (tasks) yield { kind: 'objects', path: 'resources/viptasks.yaml', objects: tasks };
    if (pools || nodes) {
      const parsed = (objects: readonly Json[] = []): NonNullable<ReturnType<typeof parseObject>>[] =>
        objects.map(parseObject).filter((object) => object !== undefined);
      const snapshot = {
        pools: parsed(pools).map(toManifest),
        nodes: parsed(nodes).map(toNodeRecord),
        ...(tasks && { tasks: parsed(tasks).map(toTaskManifest) }),
        problems,
        complete: pools !== undefined,
      };
      yield { kind: 'snapshot', snapshot };
    }
    const wanted = {
      path: `${EVENTS}/namespaces/default/events`,
      query: { fieldSelector: 'reportingController=vippool.io/controller' },
    };
    const events = await this.#events({ ...wanted, namespace: 'default' });
    yield found(events, 'events about pools and nodes', 'resources/events.yaml');
  }

  async *#definitions(): AsyncGenerator<Finding, void, undefined> {
    const resource = 'customresourcedefinitions.apiextensions.k8s.io';
    const definitions: Json[] = [];
    for (const { plural } of [VIP_POOLS, NODE_HEALTHS, VIP_TASKS]) {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.vippool.io`;
      const read = await this.#reader.object({ verb: 'get', resource, path });
      if (read.ok) definitions.push(read.value);
      else yield { kind: 'missing', what: `CustomResourceDefinition ${plural}.vippool.io`, why: read.why };
    }
    if (definitions.length > 0) {
      yield { kind: 'objects', path: 'kubernetes/customresourcedefinitions.yaml', objects: definitions };
    }
  }

  async *#workloads(kind: 'DaemonSet' | 'StatefulSet'): AsyncGenerator<Finding, readonly Json[], undefined> {
    const plural = `${kind.toLowerCase()}s`;
    const objects = yield* this.#listed(plural, '/apis/apps/v1', `kubernetes/${plural}.yaml`);
    for (const object of objects) {
      const what = `${kind} ${nameOf(object)}`;
      const containers = list(field(field(field(object, 'spec'), 'template'), 'spec'), 'containers');
      yield { kind: 'fact', what, value: containers.map((container) => text(container, 'image')).join(', ') };
      for (const why of workloadTroubles(kind, object)) yield { kind: 'trouble', what, why };
    }
    return objects;
  }

  /** Those of vippool. */
  async *#listed(plural: string, api: string, file: string): AsyncGenerator<Finding, readonly Json[], undefined> {
    const { namespace } = this.#options;
    const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    const path = `${api}${where}/${plural}`;
    const read = await this.#reader.list({ verb: 'list', resource: plural, namespace, path, query: OURS });
    const hint = namespace === undefined && !read.ok ? '; --namespace asks for one namespace alone' : '';
    yield found(read.ok ? read : { ok: false, why: read.why + hint }, plural, file);
    return read.ok ? read.value : [];
  }

  async *#eventsAbout(objects: readonly Json[]): AsyncGenerator<Finding, void, undefined> {
    const names = objects.map((object) => text(field(object, 'metadata'), 'name'));
    const events: Json[] = [];
    for (const namespace of new Set(objects.map((object) => text(field(object, 'metadata'), 'namespace')))) {
      const path = `${EVENTS}/namespaces/${encodeURIComponent(namespace)}/events`;
      const read = await this.#events({ namespace, path });
      if (!read.ok) yield { kind: 'missing', what: `events in namespace ${namespace}`, why: read.why };
      else events.push(...read.value.filter((event) => isAbout(event, names)));
    }
    if (events.length > 0) yield { kind: 'objects', path: 'kubernetes/events.yaml', objects: events };
  }

  /** The oldest first, as people read. */
  async #events(wanted: Pick<Wanted, 'path' | 'query' | 'namespace'>): Promise<Read<readonly Json[]>> {
    const read = await this.#reader.list({ verb: 'list', resource: 'events.events.k8s.io', ...wanted });
    return read.ok ? { ok: true, value: read.value.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)) } : read;
  }

  #noPods(): string {
    const { namespace } = this.#options;
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    return `no pod with label ${OURS.labelSelector} is to be seen${where}: is the chart installed?`;
  }
}

const found = (read: Read<readonly unknown[]>, what: string, path: string): Finding =>
  read.ok ? { kind: 'objects', path, objects: read.value } : { kind: 'missing', what, why: read.why };

const noTimeFor = (pod: Json): Finding => ({
  kind: 'missing',
  what: `what ${nameOf(pod)} tells`,
  why: 'no time was left: --timeout gives more',
});

const nameOf = ({ metadata }: Json): string => `${text(metadata, 'namespace')}/${text(metadata, 'name')}`;

/** Pods that are gone were called after what made them. */
function isAbout(event: Json, names: readonly string[]): boolean {
  const name = text(event['regarding'], 'name');
  return names.some((known) => name === known || name.startsWith(`${known}-`));
}

const timeOf = (event: Json): string =>
  text(event['series'], 'lastObservedTime') ||
  text(event, 'eventTime') ||
  text(event, 'deprecatedLastTimestamp') ||
  text(event['metadata'], 'creationTimestamp');
