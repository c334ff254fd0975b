/** What a source of manifests tells: the declared pools, what is recorded of the nodes, and what could not be read. */
import type { NodeHealthStatus, VipPoolStatus } from './api/types.gen.ts';
import type { NodeName, PoolName } from './ids.ts';

/** A VipPool as read, not yet validated beyond being one. */
export interface PoolManifest {
  readonly name: PoolName;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339 */
  readonly createdAt: string;
  /** Its author removed it; it disappears after `finalize`. */
  readonly deleting: boolean;
  readonly spec: unknown;
  readonly status: VipPoolStatus | undefined;
}

export interface NodeRecord {
  readonly name: NodeName;
  readonly status: NodeHealthStatus | undefined;
}

/** A manifest that could not be read; what it said before stays in force. */
export interface SourceProblem {
  /** File and line ("nas.yaml:7"), or the API object. */
  readonly where: string;
  readonly message: string;
}

/** Everything the source holds, always whole. */
export interface SourceSnapshot {
  readonly pools: readonly PoolManifest[];
  readonly nodes: readonly NodeRecord[];
  readonly problems: readonly SourceProblem[];
  /** False: some manifest was never readable, so a pool missing here may exist all the same. */
  readonly complete: boolean;
}
