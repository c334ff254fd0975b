/** Programs that a cluster is made of. */
import { ETCD_FOR_CHART, resolveTool } from '../../hack/tools/resolver.ts';
import { firstMissing, missingProgram, missingTool, toolPath } from '../../src/testing/missing.ts';
import { missingForLab } from '../lib/requirements.ts';

const NAMES = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'helm',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'runc',
  'cni-ptp',
  'cni-host-local',
  'coredns',
  'pause',
] as const;

export type ToolName = (typeof NAMES)[number] | 'etcd';

const minVersionOf = (name: ToolName): string | undefined => (name === 'etcd' ? ETCD_FOR_CHART : undefined);

/** Finds or installs all of them. @throws Error that says what would help. */
export async function installTools(): Promise<void> {
  for (const name of ['etcd', ...NAMES] as const) {
    const minVersion = minVersionOf(name);
    await resolveTool(name, minVersion === undefined ? {} : { minVersion });
  }
}

export const tool = (name: ToolName): string => toolPath(name, minVersionOf(name));

/** Why there can be no cluster on this machine; undefined where there can. */
export const missingForCluster = (): string | undefined =>
  firstMissing(
    missingForLab(),
    missingProgram('nft', 'nftables'),
    missingProgram('mount', 'util-linux'),
    missingTool('etcd', ETCD_FOR_CHART),
    ...NAMES.map((name) => missingTool(name)),
  );
