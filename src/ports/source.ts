import type { NodeHealthStatus, VipPoolStatus } from '../core/api/types.gen.ts';
import type { NodeName, PoolName } from '../core/ids.ts';

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

/** Where pools are declared and their status is written: the Kubernetes API, or a directory. */
export interface Source {
  /**
   * Calls `onSnapshot` after the first whole read and after every change. Faults (server away, directory missing) are
   * retried with back-off for ever and reported to `onFault` once per outage.
   */
  start(onSnapshot: (snapshot: SourceSnapshot) => void, onFault: (error: Error) => void): void;
  /** From now on a removed pool stays visible as `deleting` until it is finalized. Idempotent. */
  protect(pool: PoolName): Promise<void>;
  /** Lets a `deleting` pool disappear, with its status. Idempotent. */
  finalize(pool: PoolName): Promise<void>;
  /** Replaces the status; a pool that has gone is no error. */
  writePoolStatus(pool: PoolName, status: VipPoolStatus): Promise<void>;
  /** Replaces the status of the node's NodeHealth, which is created where it is missing. */
  writeNodeStatus(node: NodeName, status: NodeHealthStatus): Promise<void>;
  stop(): Promise<void>;
}
