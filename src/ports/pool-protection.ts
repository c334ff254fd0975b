import type { PoolName } from '../core/ids.ts';

/** A pool that stays after its removal until somebody releases it. */
export interface ProtectedPool {
  readonly name: PoolName;
  /** Its author has removed it. */
  readonly deleting: boolean;
}

/** A pod that runs an agent or a controller, or may do so: nobody knows of a node that does not answer. */
export interface DaemonPod {
  /** "vippool-system/vippool-agent-x7k2p" */
  readonly name: string;
  /** Undefined: no node runs it yet. */
  readonly node: string | undefined;
  /** It was told to end, and has so long for that; undefined: it was not. */
  readonly graceMs: number | undefined;
}

/** What keeps removed pools, and who needs that. Throws OpError; each call is tried once. */
export interface PoolProtection {
  protectedPools(): Promise<readonly ProtectedPool[]>;
  daemons(): Promise<readonly DaemonPod[]>;
  /** A removed pool disappears by it. One that has gone meanwhile is no error. */
  unprotect(pool: PoolName): Promise<void>;
  close(): Promise<void>;
}
