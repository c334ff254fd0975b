import { renderChart } from './helm.ts';

/** Folder of what `make manifests` writes. */
export const DEPLOY = 'deploy';

const NAMESPACE = 'vippool-system';

const HEAD = `# vippool without Helm, rendered from charts/vippool by "make manifests". Before you apply it, write the names of your
# service interfaces and the subnets of your VIPs into the variables VIPPOOL_INTERFACES and VIPPOOL_ALLOWED_ADDRESSES of
# the DaemonSet, and your image into both workloads. Or leave this file as it is and change them by Kustomize:
# examples/kustomize.
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    # Agents use the network of their node and paths of the host.
    pod-security.kubernetes.io/enforce: privileged
    pod-security.kubernetes.io/audit: privileged
    pod-security.kubernetes.io/warn: privileged
`;

/**
 * The chart with its defaults in one file for kubectl.
 *
 * @throws Error where helm is missing or refuses.
 */
export function plainManifest(): string {
  const values = { agent: { interfaces: ['eth0'] } };
  const result = renderChart(values, { namespace: NAMESPACE, skipHooks: true });
  if (result.kind === 'refused') throw new Error(result.message);
  // Helm has no part in what becomes of these objects.
  const text = result.text.replaceAll(/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '');
  return HEAD + text.replaceAll(/^# Source: .*\n/gm, '');
}
