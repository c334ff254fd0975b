/** What happens to whole nodes: kubelet, containerd, pods and NICs together. */
import {
  managementBlackHole,
  managementNicDown,
  partition,
  serviceBlackHole,
  serviceNicDown,
} from '../../lib/faults.ts';
import type { Host } from '../../lib/host.ts';
import { sleep } from '../../lib/wait.ts';
import type { Heal, Roles } from '../../matrix/fault.ts';
import { handover, linkLoss, nothing, type Promised, redirected, takeover } from '../../matrix/promises.ts';
import { BAD_MANIFESTS } from './bad-manifests.ts';
import { DNS_DOWN } from './dns-down.ts';
import type { ClusterFault } from './fault.ts';
import { HOSTILE } from './hostile.ts';
import { NOON } from './noon.ts';
import { PLANNED } from './planned.ts';
import { ROLES_STORY } from './roles.ts';
import type { ClusterScene } from './scene.ts';

type Who = keyof Pick<Roles, 'holder' | 'master'>;

const IDLE_MS = 2_000;

const powerOff = (name: string, does: string, who: Who): ClusterFault => ({
  name,
  does,
  heals: 'power on',
  promised: takeover,
  promisedBack: handover,
  async inflict({ lab }, roles) {
    const host = lab.host(roles[who]);
    await host.powerOff();
    return () => host.powerOn();
  },
});

const freeze = (name: string, does: string, who: Who): ClusterFault => ({
  name,
  does,
  heals: 'all of them go on',
  promised: takeover,
  promisedBack: handover,
  inflict: ({ kube }, roles) => kube.node(roles[who]).freeze(),
});

const network = (
  name: string,
  does: string,
  cut: (host: Host) => Heal,
  promised: Promised,
  who: Who,
): ClusterFault => ({
  name,
  does,
  heals: 'the network is whole again',
  promised,
  promisedBack: redirected,
  inflict: ({ lab }, roles) => cut(lab.host(roles[who])),
});

const stores = (scene: ClusterScene): Heal => {
  const heals = [scene.apiAway(), scene.etcdAway()];
  return () => heals.forEach((heal) => heal());
};

const away = (name: string, does: string, begin: (scene: ClusterScene) => Heal): ClusterFault => ({
  name,
  does,
  heals: 'it answers again',
  promised: nothing,
  promisedBack: nothing,
  keepsPods: true,
  async inflict(scene) {
    const back = begin(scene);
    await sleep(scene.awayMs);
    return back;
  },
});

export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  {
    name: 'none',
    does: 'nothing',
    heals: '-',
    promised: nothing,
    promisedBack: nothing,
    async inflict() {
      await sleep(IDLE_MS);
      return () => undefined;
    },
  },
  powerOff('poweroff', 'power off for a node that holds VIPs and does not run the master', 'holder'),
  powerOff('master-poweroff', 'power off for the node of the master, which holds VIPs as well', 'master'),
  freeze('freeze', 'every process of a holder stands still', 'holder'),
  freeze('master-freeze', 'every process of the node of the master stands still, which holds VIPs as well', 'master'),
  network('svc-down', 'the service NIC of a holder loses its carrier', serviceNicDown, linkLoss, 'holder'),
  network('svc-blackhole', 'the service switch forwards nothing of a holder', serviceBlackHole, takeover, 'holder'),
  network('mgmt-down', 'the management NIC of a holder loses its carrier', managementNicDown, takeover, 'holder'),
  network(
    'mgmt-blackhole',
    'the management switch forwards nothing of a holder',
    managementBlackHole,
    takeover,
    'holder',
  ),
  network('partition', 'both switches forward nothing of a holder', partition, takeover, 'holder'),
  network('master-partition', 'both switches forward nothing of the node of the master', partition, takeover, 'master'),
  away('api-down', 'the API server does not answer', (scene) => scene.apiAway()),
  away('etcd-down', 'no member of etcd answers', (scene) => scene.etcdAway()),
  away('etcd-api-down', 'neither etcd nor the API server answers', stores),
  {
    name: 'etcd-api-down-before',
    does: 'neither etcd nor the API server answers, then power off for the node of the master, a holder',
    heals: 'both answer again, then power on',
    promised: takeover,
    promisedBack: handover,
    async inflict(scene, { master }) {
      const back = stores(scene);
      const host = scene.lab.host(master);
      await sleep(scene.awayMs);
      await host.powerOff();
      return () => {
        back();
        host.powerOn();
      };
    },
  },
  DNS_DOWN,
  HOSTILE,
  ...PLANNED,
  NOON,
  ROLES_STORY,
  BAD_MANIFESTS,
];

/** @throws Error naming the known ones. */
export function clusterFaultNamed(name: string): ClusterFault {
  const fault = CLUSTER_FAULTS.find((item) => item.name === name);
  if (!fault) throw new Error(`no fault "${name}"; known are: ${CLUSTER_FAULTS.map((item) => item.name).join(' ')}`);
  return fault;
}
