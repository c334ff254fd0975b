import { parse } from 'yaml';
import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../../core/api/types.gen.ts';
import { API_VERSION, isNodeName, isPoolName, isRecord } from './manifest-text.ts';

/** What is kept of a pool beside the manifests. As long as the record exists, a removed pool is `deleting`. */
export interface PoolRecord {
  readonly kind: 'VipPool';
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339 */
  readonly createdAt: string;
  /** The file that declared it. */
  readonly file: string;
  /** The last valid one. */
  readonly spec: unknown;
  readonly status: VipPoolStatus | undefined;
}

export interface NodeHealthRecord {
  readonly kind: 'NodeHealth';
  readonly name: string;
  readonly status: NodeHealthStatus | undefined;
}

/** What is kept of a task. As long as it exists, a removed task is `deleting`, and one with the same spec is not done anew. */
export interface TaskRecord {
  readonly kind: 'VipTask';
  readonly name: string;
  readonly uid: string;
  /** RFC 3339 */
  readonly createdAt: string;
  readonly spec: unknown;
  readonly status: VipTaskStatus | undefined;
}

export type StatusRecord = PoolRecord | NodeHealthRecord | TaskRecord;

const FILE_ANNOTATION = 'vippool.io/manifest';
const NOTICE =
  '# Written by vippool. To remove a pool, remove its manifest; this file goes when its addresses are released.\n';

/** "vippool-nas.yaml", "nodehealth-node-a.yaml", "viptask-move.yaml" */
export const recordFile = (kind: StatusRecord['kind'], name: string): string => `${kind.toLowerCase()}-${name}.yaml`;

/** What a file of that name is the record of; undefined where it is none. */
export function recordOf(file: string): { kind: StatusRecord['kind']; name: string } | undefined {
  const [, kind, name = ''] = /^(vippool|nodehealth|viptask)-(.+)\.yaml$/.exec(file) ?? [];
  if (kind === 'vippool' && isPoolName(name)) return { kind: 'VipPool', name };
  if (kind === 'nodehealth' && isNodeName(name)) return { kind: 'NodeHealth', name };
  if (kind === 'viptask' && isNodeName(name)) return { kind: 'VipTask', name };
  return undefined;
}

/**
 * YAML in the notation of JSON: every controller reads what the master writes, and a thousand addresses in block notation
 * take longer to parse than a fast leader lease lasts.
 */
export function formatRecord(record: StatusRecord): string {
  const { kind, name, status } = record;
  const content = kind === 'NodeHealth' ? { metadata: { name } } : { metadata: metadataOf(record), spec: record.spec };
  const body = { apiVersion: API_VERSION, kind, ...content, status };
  return `${NOTICE}${JSON.stringify(body, undefined, 2)}\n`;
}

function metadataOf(record: PoolRecord | TaskRecord): object {
  const { name, uid, createdAt: creationTimestamp } = record;
  if (record.kind === 'VipTask') return { name, uid, creationTimestamp };
  const { generation, file } = record;
  return { name, uid, generation, creationTimestamp, annotations: { [FILE_ANNOTATION]: file } };
}

/** Undefined where the text is no record of that kind and name. */
export function parseRecord(kind: StatusRecord['kind'], name: string, text: string): StatusRecord | undefined {
  const body = text.startsWith(NOTICE) ? (parseJson(text.slice(NOTICE.length)) ?? parseYaml(text)) : parseYaml(text);
  if (!isRecord(body) || body['kind'] !== kind || !isRecord(body['metadata'])) return undefined;
  const { metadata, spec } = body;
  if (metadata['name'] !== name) return undefined;
  // We wrote it ourselves, with these types.
  if (kind === 'NodeHealth') return { kind, name, status: body['status'] as NodeHealthStatus | undefined };
  const { uid, generation, creationTimestamp, annotations } = metadata;
  if (typeof uid !== 'string' || typeof creationTimestamp !== 'string') return undefined;
  if (kind === 'VipTask') {
    const status = body['status'] as VipTaskStatus | undefined;
    return { kind, name, uid, createdAt: creationTimestamp, spec, status };
  }
  if (typeof generation !== 'number') return undefined;
  const file = isRecord(annotations) ? annotations[FILE_ANNOTATION] : undefined;
  return {
    kind,
    name,
    uid,
    generation,
    createdAt: creationTimestamp,
    file: typeof file === 'string' ? file : '',
    spec,
    status: body['status'] as VipPoolStatus | undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
