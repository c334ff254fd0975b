import type { NodeHealthStatus, VipPoolStatus, VipTaskStatus } from '../core/api/types.gen.ts';
import type { NodeName, PoolName } from '../core/ids.ts';
import type { NodeRecord, PoolManifest, SourceProblem, SourceSnapshot, TaskManifest } from '../core/manifest.ts';
import type { EventSink } from './event-sink.ts';

export type { NodeRecord, PoolManifest, SourceProblem, SourceSnapshot, TaskManifest };

/** One task; another one of the same name has another uid. */
export type TaskId = Pick<TaskManifest, 'name' | 'uid'>;

/** Where pools are declared and their status is written: the Kubernetes API, or a directory. */
export interface Source {
  /** Where people look for events about its objects; undefined: nowhere. */
  readonly events?: EventSink;
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
  /**
   * Reads the tasks anew, past whatever is kept or comes late, and again until that succeeds. Snapshots bear the mark from
   * then on: they show every write that had ended before this call.
   */
  readTasks(mark: string): void;
  /** Replaces the status; a task that has gone is no error. */
  writeTaskStatus(task: TaskId, status: VipTaskStatus): Promise<void>;
  /** Removes the task and its record, as far as they are there. */
  removeTask(task: TaskId): Promise<void>;
  stop(): Promise<void>;
}
