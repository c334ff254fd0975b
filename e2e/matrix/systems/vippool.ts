import { join } from 'node:path';
import { abstentionMs, type Timing } from '../../../src/core/timing.ts';
import { etcdForKubeApiserver, toolPath } from '../../../src/testing/missing.ts';
import { ApiServer } from '../../lib/api-server.ts';
import { AGENT_PORT, Cluster } from '../../lib/cluster.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { nodeManifest, poolManifest } from '../../lib/pool-manifest.ts';
import { SERVICE_HEALTH } from '../../lib/service-checks.ts';
import type { HostServices } from '../../lib/services.ts';
import type { LabProcess } from '../../lib/process.ts';
import { accepts } from '../../lib/tcp.ts';
import { sleep, waitFor } from '../../lib/wait.ts';
import { HOSTS, isThousand, type Roles, type Scene, type Stage } from '../fault.ts';
import { FAILBACK_DELAY_MS, type Profile, TIMING_NAMES, timingOf } from '../promises.ts';
import { addressesOf, WIDE_SUBNET } from '../vips.ts';
import { steppableWallClock } from '../wall-clock/step.ts';

const POOL = 'nas';
const FAILBACK_DELAY = `${FAILBACK_DELAY_MS}ms`;
const SETTLE_MS = 30_000;
/** Enough for whatever follows a change to be over. */
const QUIET_MS = 300;

export interface VippoolOptions {
  readonly profile: Profile;
  readonly stage: Stage;
  readonly awayMs: number;
  /** By host; none but on the stage `services`. */
  readonly services: ReadonlyMap<string, HostServices>;
}

/** etcd, three controllers, three agents. */
export class VippoolScene implements Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  readonly cluster: Cluster;
  readonly timing: Timing;
  readonly awayMs: number;
  readonly #stage: Stage;
  readonly #api: ApiServer | undefined;
  readonly #services: ReadonlyMap<string, HostServices>;
  #homes: Readonly<Record<string, string>> = {};

  private constructor(cluster: Cluster, observer: Observer, api: ApiServer | undefined, options: VippoolOptions) {
    this.lab = cluster.lab;
    this.cluster = cluster;
    this.observer = observer;
    this.timing = timingOf(options.profile);
    this.awayMs = options.awayMs;
    this.#stage = options.stage;
    this.#services = options.services;
    this.#api = api;
  }

  static async start(lab: Lab, observer: Observer, options: VippoolOptions): Promise<VippoolScene> {
    const started: { api?: ApiServer } = {};
    const source = async (): Promise<readonly string[]> => (started.api = await ApiServer.start()).source;
    try {
      const cluster = await Cluster.start(lab, {
        timing: [`--timing=${TIMING_NAMES[options.profile]}`],
        env: steppableWallClock(join(lab.directory, 'wall-clock')),
        moreAllowed: [WIDE_SUBNET],
        ...(options.stage === 'kubernetes' ? { etcd: etcdForKubeApiserver(), source } : { etcd: toolPath('etcd') }),
      });
      const scene = new VippoolScene(cluster, observer, started.api, options);
      await scene.#begin();
      return scene;
    } catch (error) {
      await started.api?.server.kill();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const master = await this.#master();
    const [home = ''] = HOSTS.filter((host) => host !== master);
    if (isThousand(this.#stage)) {
      this.#homes = Object.fromEntries(addressesOf(this.#stage).vips.map((vip) => [vip, home]));
    }
    if (this.#stage === 'services') {
      const { vips } = addressesOf(this.#stage);
      this.#homes = Object.fromEntries(vips.map((vip, n) => [vip, HOSTS[n % HOSTS.length] ?? '']));
    }
    this.#apply();
    await this.healthy();
  }

  #apply(): void {
    const { pool } = addressesOf(this.#stage);
    const manifest = poolManifest(POOL, pool, {
      homes: this.#homes,
      failbackDelay: FAILBACK_DELAY,
      ...(this.#stage === 'services' ? { health: SERVICE_HEALTH } : {}),
    });
    if (this.#api) this.#api.apply(manifest);
    else this.cluster.apply(POOL, manifest);
  }

  #master(): Promise<string> {
    const known = (): Promise<string | undefined> => this.cluster.master().catch(() => undefined);
    return waitFor('a master', known, SETTLE_MS, () => this.cluster.logs());
  }

  daemon(host: string): LabProcess {
    return this.cluster.agent(host);
  }

  crash(host: string): Promise<void> {
    this.cluster.agent(host).killChild();
    return Promise.resolve();
  }

  async move(vip: string, to: string): Promise<void> {
    this.#homes = { ...this.#homes, [vip]: to };
    this.#apply();
    await this.observer.waitForHolder(vip, to, SETTLE_MS);
  }

  services(host: string): HostServices {
    const found = this.#services.get(host);
    if (!found) throw new Error(`this stage has no services on ${host}`);
    return found;
  }

  maintain(host: string): () => void {
    const set = (maintenance: boolean): void =>
      this.cluster.apply(`nodehealth-${host}`, nodeManifest(host, { maintenance }));
    set(true);
    return () => set(false);
  }

  apiAway(): () => void {
    const pid = this.#api?.server.pid;
    if (pid === undefined) throw new Error('this stage has no API server');
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  async healthy(): Promise<void> {
    await Promise.all([...this.#services.values()].map((services) => services.up()));
    for (const host of HOSTS) {
      const { management } = this.lab.host(host).addresses;
      const up = (): Promise<boolean> => accepts(management, AGENT_PORT);
      await waitFor(`the controller of ${host}`, up, SETTLE_MS, () => this.cluster.logs());
    }
    await this.#master();
    // One that has just started may have lost its memory, and takes no part before.
    await sleep(abstentionMs(this.timing));
    // A first look that takes long while everything starts is a failure as well, and moves VIPs.
    if (this.#stage === 'services') await this.cluster.condition(POOL, 'Degraded', 'False', SETTLE_MS);
    await this.#placed();
    await sleep(QUIET_MS);
    await this.#placed();
  }

  /** Every VIP on exactly one host: the one that it was given as its home, else evenly spread. */
  async #placed(): Promise<void> {
    try {
      if (isThousand(this.#stage)) {
        await this.observer.heldBy([Object.values(this.#homes)[0] ?? ''], SETTLE_MS);
        await this.cluster.ready(POOL, SETTLE_MS);
      } else await this.observer.settled(HOSTS, SETTLE_MS);
      if (this.#stage !== 'services') return;
      for (const [vip, home] of Object.entries(this.#homes)) await this.observer.waitForHolder(vip, home, SETTLE_MS);
    } catch (error) {
      throw new Error(`${(error as Error).message}${this.cluster.logs()}`, { cause: error });
    }
  }

  async roles(): Promise<Roles> {
    const master = await this.#master();
    const holders = await this.observer.holders();
    const count = (host: string): number => [...holders.values()].filter((list) => list.join() === host).length;
    const byLoad = [...HOSTS].sort((a, b) => count(b) - count(a));
    // Where one host has everything, it is the holder, whoever has become master meanwhile.
    const candidates = isThousand(this.#stage) ? byLoad : byLoad.filter((host) => host !== master);
    const [holder = '', third = ''] = candidates;
    const [vip = ''] = [...holders].find(([, list]) => list.join() === holder) ?? [];
    return { holder, master, third, vip };
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    await this.#api?.server.kill();
    await this.lab.destroy();
  }
}
