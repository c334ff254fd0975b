import type { Fault, Heal, Roles } from '../../matrix/fault.ts';
import type { ClusterScene } from './scene.ts';

/** A fault of the matrix that is done to a cluster. */
export interface ClusterFault extends Omit<Fault, 'prepare' | 'inflict' | 'stage' | 'systems' | 'leaves'> {
  /** It is done to clusters of so many nodes at least; default: to all. */
  readonly leastNodes?: number;
  /** One run tells all, whatever RUNS says: it takes long, or no time is measured. */
  readonly once?: boolean;
  /** Controllers and agents go on as they are: no pod is replaced, and no container or process is started anew. */
  readonly keepsPods?: boolean;
  /** Promises that it finds broken, beside outages, go to the findings of the scene. */
  inflict(scene: ClusterScene, roles: Roles): Promise<Heal> | Heal;
}
