/** What a source of manifests tells: the declared pools, what is recorded of the nodes, and what could not be read. */
import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from './api/types.gen.ts';
import type { NodeName, PoolName } from './ids.ts';
import type { HostLabels } from './node-labels.ts';

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

/** A NodeHealth as read. Its spec is its author's, its status the controller's. */
export interface NodeRecord {
  readonly name: NodeName;
  /** Grows with every edit of the spec; undefined: its source does not count them. */
  readonly generation?: number | undefined;
  /** Not yet validated. The same object for as long as it does not change. */
  readonly spec?: unknown;
  /** Undefined: declared, and nothing is known of such a node yet. */
  readonly status: NodeHealthStatus | undefined;
}

/** A VipTask as read, not yet validated beyond being one. */
export interface TaskManifest {
  readonly name: string;
  /** Tells it from an earlier or later task of the same name. */
  readonly uid: string;
  /** RFC 3339 */
  readonly createdAt: string;
  /** Its author removed it; only its record is left, until `removeTask`. */
  readonly deleting: boolean;
  readonly spec: unknown;
  readonly status: VipTaskStatus | undefined;
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
  /** The same object for as long as nothing changes. Undefined: the source knows nothing of hosts. */
  readonly hostLabels?: HostLabels | undefined;
  /** In order of creation, then name. Undefined: not readable so far, as before their CRD is installed. */
  readonly tasks?: readonly TaskManifest[];
  /** The newest mark of `Source.readTasks` since which the tasks were read anew. */
  readonly tasksAsOf?: string | undefined;
  readonly problems: readonly SourceProblem[];
  /** False: some manifest was never readable, so a pool missing here may exist all the same. */
  readonly complete: boolean;
}
