/** etcd and the API server are away, alone and while a host that is master and holder loses its power. */
import { etcdAway } from '../../lib/faults.ts';
import { sleep } from '../../lib/wait.ts';
import type { Fault, Heal, Scene } from '../fault.ts';
import { nothing, rejoined, takeover } from '../promises.ts';

/** Both hang: nobody is told that they are away. */
const bothAway = (scene: Scene): Heal => {
  const heals = [scene.apiAway(), etcdAway(scene.cluster.etcd)];
  return () => heals.forEach((heal) => heal());
};

const alone = (name: string, what: string, away: (scene: Scene) => Heal, stage: Fault['stage'] = 'hosts'): Fault => ({
  name,
  does: what,
  heals: 'it answers again',
  promised: nothing,
  promisedBack: nothing,
  stage,
  async inflict(scene) {
    const back = away(scene);
    await sleep(scene.awayMs);
    return back;
  },
});

const before = (name: string, what: string, away: (scene: Scene) => Heal, stage: Fault['stage'] = 'hosts'): Fault => ({
  name,
  does: `${what}, then power off for the host of the master, a holder`,
  heals: 'power on, then it answers again',
  promised: takeover,
  promisedBack: rejoined,
  stage,
  async inflict(scene, { master }) {
    const back = away(scene);
    const host = scene.lab.host(master);
    await sleep(scene.awayMs / 2);
    await host.powerOff();
    await sleep(scene.awayMs / 2);
    return () => {
      host.powerOn();
      back();
    };
  },
});

export const storeFaults: readonly Fault[] = [
  {
    ...alone('etcd-down', 'etcd is killed', () => () => undefined),
    heals: 'it is started again',
    async inflict({ cluster, awayMs }) {
      await cluster.etcd.kill();
      await sleep(awayMs);
      return () => cluster.etcd.start();
    },
  },
  alone('etcd-hang', 'etcd does not answer', ({ cluster }) => etcdAway(cluster.etcd)),
  before('etcd-down-before', 'etcd does not answer', ({ cluster }) => etcdAway(cluster.etcd)),
  {
    name: 'etcd-down-during',
    does: 'etcd is killed together with the host of the master, a holder',
    heals: 'power on, etcd is started again',
    promised: takeover,
    promisedBack: rejoined,
    async inflict({ cluster, lab, awayMs }, { master }) {
      const host = lab.host(master);
      await Promise.all([cluster.etcd.kill(), host.powerOff()]);
      await sleep(awayMs / 2);
      return () => {
        host.powerOn();
        cluster.etcd.start();
      };
    },
  },
  {
    name: 'etcd-down-after',
    does: 'etcd is killed when the VIPs of the host of the master are taken over',
    heals: 'power on while etcd is away; it is started again when the host is up',
    promised: takeover,
    promisedBack: rejoined,
    async inflict({ cluster, lab, timing, awayMs }, { master }) {
      const host = lab.host(master);
      await host.powerOff();
      await sleep(timing.leaseMs + 2 * timing.marginMs);
      await cluster.etcd.kill();
      await sleep(awayMs / 2);
      return async () => {
        host.powerOn();
        await sleep(awayMs / 2);
        cluster.etcd.start();
      };
    },
  },
  alone('api-down', 'the API server does not answer', (scene) => scene.apiAway(), 'kubernetes'),
  before('api-down-before', 'the API server does not answer', (scene) => scene.apiAway(), 'kubernetes'),
  alone('etcd-api-down', 'etcd and the API server do not answer', bothAway, 'kubernetes'),
  before('etcd-api-down-before', 'etcd and the API server do not answer', bothAway, 'kubernetes'),
];
