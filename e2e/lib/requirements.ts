import { firstMissing, missingNetworkNamespaces, missingProgram, missingTool } from '../../src/testing/missing.ts';

/** Why there can be no lab with a cluster on this machine; undefined where there can. */
export const missingForLab = (): string | undefined =>
  firstMissing(missingNetworkNamespaces(), missingProgram('nsenter', 'util-linux'), missingTool('etcd'));
