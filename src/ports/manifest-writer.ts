import type { VipTaskSpec } from '../core/api/types.gen.ts';
import type { NodeName } from '../core/ids.ts';

/** What a person at a terminal declares, where pools are declared too. Throws OpError; each call is tried once. */
export interface ManifestWriter {
  /** Creates a VipTask of a new name. */
  createTask(name: string, spec: VipTaskSpec): Promise<void>;
  /** Sets `spec.maintenance` of the node's NodeHealth, which is created where it is missing, and nothing else of it. */
  setMaintenance(node: NodeName, maintenance: boolean): Promise<void>;
  close(): Promise<void>;
}
