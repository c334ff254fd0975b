/** Configuration files of the programs of a node. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { CLUSTER_DOMAIN, DNS_ADDRESS, POD_SUBNET } from './addresses.ts';
import { type Credentials, kubeletOf, PROXY } from './credentials.ts';
import { PAUSE_IMAGE } from './images.ts';
import { tool } from './tools.ts';

export interface NodeConfig {
  readonly node: string;
  readonly podSubnet: string;
  /** Below the root of each hierarchy. */
  readonly cgroup: string;
  /** Id of the present boot, as pods shall see it. */
  readonly bootId: string;
  readonly credentials: Credentials;
}

const BASE_SPEC = 'base-spec.json';
const HOOK = 'container-hook.sh';
/** Of groups of processors, with cgroup v1. */
const BUDGETS = '/sys/fs/cgroup/cpu';
/** In the place of the container's own. */
const HOOK_PATH = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin';

/** Writes all of them. @param directory holds nothing else. */
export function writeNodeConfig(directory: string, config: NodeConfig): void {
  mkdirSync(join(directory, 'cni'), { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write('containerd.toml', containerd(directory));
  write('kubelet.yaml', stringify(kubelet(directory, config)));
  write('kube-proxy.yaml', stringify(kubeProxy(directory, config)));
  write('cni/10-pods.conflist', JSON.stringify(podNetwork(config)));
  write(HOOK, containerHook(config));
  config.credentials.writeKubeconfig(kubeletOf(config.node), join(directory, 'kubelet.kubeconfig'));
  config.credentials.writeKubeconfig(PROXY, join(directory, 'kube-proxy.kubeconfig'));
}

/** What every container of the node begins with. @param spec what `ctr oci spec` prints. */
export function writeBaseSpec(directory: string, spec: string): void {
  const parsed = JSON.parse(spec) as Record<string, unknown>;
  const hook = { path: '/bin/sh', args: ['sh', join(directory, HOOK)], env: [HOOK_PATH] };
  writeFileSync(join(directory, BASE_SPEC), JSON.stringify({ ...parsed, hooks: { createContainer: [hook] } }));
}

/** Nothing outside of /var and /run, which are the node's own. */
const containerd = (directory: string): string => `version = 3
[plugins."io.containerd.internal.v1.opt"]
path = "/var/lib/containerd/opt"
[plugins."io.containerd.nri.v1.nri"]
disable = true
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
# Without the capability SYS_RESOURCE nothing may be made less likely to be killed for its memory.
restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["${dirname(tool('cni-ptp'))}", "${dirname(tool('cni-host-local'))}"]
conf_dir = "${join(directory, 'cni')}"
use_internal_loopback = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
base_runtime_spec = "${join(directory, BASE_SPEC)}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "${tool('runc')}"
`;

const kubelet = (directory: string, { cgroup }: NodeConfig): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  failCgroupV1: false,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  clusterDNS: [DNS_ADDRESS],
  clusterDomain: CLUSTER_DOMAIN,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  resolvConf: '',
  evictionHard: {},
  imageGCHighThresholdPercent: 100,
  podLogsDir: join(directory, 'pods'),
  volumePluginDir: '/var/lib/kubelet/volume-plugins',
});

const kubeProxy = (directory: string, { node }: NodeConfig): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  hostnameOverride: node,
  clusterCIDR: POD_SUBNET,
  clientConnection: { kubeconfig: join(directory, 'kube-proxy.kubeconfig') },
  // Limits of the whole machine, which are not ours.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  healthzBindAddress: '127.0.0.1:10256',
  metricsBindAddress: '127.0.0.1:10249',
});

/** A link for each pod, and no bridge: what goes to a service of the same node passes the rules of kube-proxy as well. */
const podNetwork = ({ podSubnet }: NodeConfig): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'cni-ptp',
      ipam: {
        type: 'cni-host-local',
        dataDir: '/var/lib/cni',
        ranges: [[{ subnet: podSubnet }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
});

/**
 * What a container finds as on a host of its own. The bundle is in the input.
 *
 * The boot id: /proc of a container is made anew, and what is mounted over the machine's does not reach it.
 *
 * Real-time scheduling: with the kernels of most hosts the capability is all that it takes. Where groups of processors have
 * budgets of real time, those that a kubelet makes have none, and what may schedule so joins the group that has one.
 */
const containerHook = ({ bootId }: NodeConfig): string => `set -eu
bundle=$(sed 's/.*"bundle": *"\\([^"]*\\)".*/\\1/')
root=$(sed 's/.*"root": *{[^}]*"path": *"\\([^"]*\\)".*/\\1/' "$bundle/config.json")
case $root in /*) ;; *) root=$bundle/$root ;; esac
mount --bind ${bootId} "$root/proc/sys/kernel/random/boot_id"
if [ -e ${BUDGETS}/cpu.rt_runtime_us ] && grep -q '"CAP_SYS_NICE"' "$bundle/config.json"; then
  echo "$PPID" >${BUDGETS}/cgroup.procs
fi
`;
