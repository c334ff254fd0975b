import type { Fault, Heal, Roles } from '../../matrix/fault.ts';
import type { ClusterScene } from './scene.ts';

/** A fault of the matrix that is done to a cluster. */
export interface ClusterFault extends Omit<Fault, 'prepare' | 'inflict' | 'stage' | 'systems' | 'leaves'> {
  /** It is done to clusters of so many nodes at least; default: to all. */
  readonly leastNodes?: number;
  inflict(scene: ClusterScene, roles: Roles): Promise<Heal> | Heal;
}
