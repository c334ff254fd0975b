import { Cluster } from '../../e2e/lib/cluster.ts';
import type { Lab } from '../../e2e/lib/lab.ts';
import type { Observer } from '../../e2e/lib/observer.ts';
import { poolManifest } from '../../e2e/lib/pool-manifest.ts';
import { type Candidate, type Fault, HOSTS, type Inflicted, others, type Running, VIPS } from './candidate.ts';

const POOL = 'nas';
const FAILBACK_DELAY = '1s';
const SETTLE_MS = 30_000;

/** @param etcd path of the binary. */
export const vippool = (etcd: string): Candidate => ({
  system: 'vippool',
  profile: 'default',
  faults: ['poweroff', 'master-poweroff', 'move', 'stop'],
  async start(lab, observer) {
    const cluster = await Cluster.start(lab, { etcd });
    cluster.apply(POOL, manifest());
    await cluster.ready(POOL, SETTLE_MS);
    await observer.settled(HOSTS, SETTLE_MS);
    return new RunningVippool(lab, observer, cluster);
  },
});

class RunningVippool implements Running {
  readonly #lab: Lab;
  readonly #observer: Observer;
  readonly #cluster: Cluster;

  constructor(lab: Lab, observer: Observer, cluster: Cluster) {
    this.#lab = lab;
    this.#observer = observer;
    this.#cluster = cluster;
  }

  async inflict(fault: Fault): Promise<Inflicted> {
    if (fault === 'move') return await this.#move();
    const master = (await this.#cluster.master()) ?? '';
    const victim = (fault === 'master-poweroff' ? master : others(master)[0]) ?? '';
    const agent = this.#cluster.agent(victim);
    const host = this.#lab.host(victim);
    await (fault === 'stop' ? agent.stop() : host.powerOff());
    await this.#observer.settled(others(victim), SETTLE_MS);
    return this.#inflicted(() => void (fault === 'stop' ? agent.start() : host.powerOn()));
  }

  async #move(): Promise<Inflicted> {
    const [vip = ''] = VIPS;
    const from = (await this.#observer.holders()).get(vip)?.join() ?? '';
    const to = others(from)[0] ?? '';
    this.#cluster.apply(POOL, manifest({ [vip]: to }));
    await this.#observer.waitForHolder(vip, to);
    return {
      heal: async () => {
        this.#cluster.apply(POOL, manifest({ [vip]: from }));
        await this.#observer.waitForHolder(vip, from);
        await this.#observer.settled(HOSTS, SETTLE_MS);
      },
    };
  }

  #inflicted(undo: () => void): Inflicted {
    return {
      heal: async () => {
        undo();
        await this.#observer.settled(HOSTS, SETTLE_MS);
      },
    };
  }
}

const manifest = (homes: Readonly<Record<string, string>> = {}): string =>
  poolManifest(POOL, VIPS, { homes, failbackDelay: FAILBACK_DELAY });
