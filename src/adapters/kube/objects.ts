import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../../core/api/types.gen.ts';
import { nodeName, poolName } from '../../core/ids.ts';
import type { Labels } from '../../core/node-labels.ts';
import type { NodeRecord, PoolManifest, TaskManifest } from '../../ports/source.ts';

const OWN = { group: 'vippool.io', version: 'v1alpha1' } as const;
export const API_VERSION = `${OWN.group}/${OWN.version}`;
/** Keeps a removed pool until its addresses are released. */
export const FINALIZER = 'vippool.io/release';

/** What we rely on of an object; everything else in it is ignored. */
export interface KubeObject {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** RFC 3339 */
  readonly creationTimestamp: string;
  readonly deletionTimestamp: string | undefined;
  readonly finalizers: readonly string[];
  readonly labels: Labels;
}

/** A collection that is followed. */
export interface FollowedResource {
  readonly plural: string;
  /** Of the API; '' is the core group. */
  readonly group: string;
  readonly version: string;
  /** Only the metadata of its objects is asked for. */
  readonly isMetadataOnly?: boolean;
}

/** A resource of our API group. */
export interface Resource extends FollowedResource {
  readonly kind: 'VipPool' | 'NodeHealth' | 'VipTask';
  readonly plural: 'vippools' | 'nodehealths' | 'viptasks';
}

export const VIP_POOLS: Resource = { ...OWN, kind: 'VipPool', plural: 'vippools' };
export const NODE_HEALTHS: Resource = { ...OWN, kind: 'NodeHealth', plural: 'nodehealths' };
export const VIP_TASKS: Resource = { ...OWN, kind: 'VipTask', plural: 'viptasks' };
/** Of a cluster of a thousand nodes the rest, images above all, would be tens of megabytes. */
export const NODES: FollowedResource = { group: '', version: 'v1', plural: 'nodes', isMetadataOnly: true };

/** "/apis/vippool.io/v1alpha1/vippools", or one object of it. */
export function pathOf({ group, version, plural }: FollowedResource, name?: string): string {
  const collection = `${group === '' ? '/api' : `/apis/${group}`}/${version}/${plural}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

/** Reads an object as the API server sends it; undefined where it is none. */
export function parseObject(value: unknown): KubeObject | undefined {
  if (!isRecord(value) || !isRecord(value['metadata'])) return undefined;
  const { metadata, spec, status } = value;
  const name = metadata['name'];
  if (typeof name !== 'string' || name === '') return undefined;
  const deletionTimestamp = metadata['deletionTimestamp'];
  const finalizers = metadata['finalizers'];
  return {
    metadata: {
      name,
      uid: text(metadata['uid']),
      resourceVersion: text(metadata['resourceVersion']),
      generation: typeof metadata['generation'] === 'number' ? metadata['generation'] : 0,
      creationTimestamp: text(metadata['creationTimestamp']),
      deletionTimestamp: typeof deletionTimestamp === 'string' ? deletionTimestamp : undefined,
      finalizers: Array.isArray(finalizers) ? finalizers.filter((item) => typeof item === 'string') : [],
      labels: labelsIn(metadata['labels']),
    },
    spec,
    status,
  };
}

export function toManifest(object: KubeObject): PoolManifest {
  const { metadata } = object;
  return {
    name: poolName(metadata.name),
    uid: metadata.uid,
    generation: metadata.generation,
    createdAt: metadata.creationTimestamp,
    deleting: metadata.deletionTimestamp !== undefined,
    spec: object.spec,
    // The schema of the CRD has checked it.
    status: object.status as VipPoolStatus | undefined,
  };
}

export const toNodeRecord = (object: KubeObject): NodeRecord => ({
  name: nodeName(object.metadata.name),
  generation: object.metadata.generation,
  spec: object.spec,
  status: object.status as NodeHealthStatus | undefined,
});

export const toTaskManifest = ({ metadata, spec, status }: KubeObject): TaskManifest => ({
  name: metadata.name,
  uid: metadata.uid,
  createdAt: metadata.creationTimestamp,
  // Nothing keeps a removed task, and its record goes with it.
  deleting: false,
  spec,
  status: status as VipTaskStatus | undefined,
});

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function labelsIn(value: unknown): Labels {
  const pairs = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
