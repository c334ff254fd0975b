/** Our chart on a cluster of whole nodes, as a scene of the matrix. */
import { abstentionMs, type Timing } from '../../../src/core/timing.ts';
import type { Cluster } from '../../lib/cluster.ts';
import type { Lab } from '../../lib/lab.ts';
import { Observer } from '../../lib/observer.ts';
import { poolManifest } from '../../lib/pool-manifest.ts';
import type { LabProcess } from '../../lib/process.ts';
import type { HostServices } from '../../lib/services.ts';
import { accepts } from '../../lib/tcp.ts';
import { sleep, waitFor } from '../../lib/wait.ts';
import type { Heal, Roles, Scene } from '../../matrix/fault.ts';
import { type Profile, TIMING_NAMES, timingOf } from '../../matrix/promises.ts';
import { addressesOf } from '../../matrix/vips.ts';
import type { Image } from '../images.ts';
import { KubeCluster } from '../kube-cluster.ts';
import { procFile } from '../../lib/processes.ts';
import { CONTROLLER_PORT, CONTROLLERS, install, masterNode } from '../release.ts';
import type { Course } from './steps.ts';

const POOL = 'nas';
const { pool: ADDRESSES, observed: VIPS, probeMs, askMs } = addressesOf('hosts');
/** Longer than a node boots, which keeps the one machine of all of them busy. */
const FAILBACK_DELAY = '6s';
const SETTLE_MS = 120_000;
/** Enough for whatever follows a change to be over. */
const QUIET_MS = 300;

export interface ClusterSceneOptions {
  readonly nodes: number;
  readonly profile: Profile;
  readonly images: readonly Image[];
  /** How long the API server or etcd is away, milliseconds. */
  readonly awayMs: number;
  /** How long the log of probes of a whole noon is at least, milliseconds. */
  readonly noonMs: number;
}

/** What only processes without nodes can do to one another. */
const elsewhere = (what: string): never => {
  throw new Error(`${what} is not measured on whole nodes`);
};

export class ClusterScene implements Scene {
  readonly kube: KubeCluster;
  readonly observer: Observer;
  readonly timing: Timing;
  readonly awayMs: number;
  readonly noonMs: number;
  /** Promises that the fault at hand has found broken, beside outages. */
  readonly findings: string[] = [];
  /** What a client saw of the steps of the fault at hand, where it has several. */
  course: Course | undefined;
  readonly #images: readonly Image[];

  private constructor(kube: KubeCluster, observer: Observer, { profile, awayMs, noonMs, images }: ClusterSceneOptions) {
    this.kube = kube;
    this.observer = observer;
    this.timing = timingOf(profile);
    this.awayMs = awayMs;
    this.noonMs = noonMs;
    this.#images = images;
  }

  /** Healthy when it resolves. Ends with `stop`. */
  static async start(options: ClusterSceneOptions): Promise<ClusterScene> {
    const kube = await KubeCluster.start(options.nodes);
    const started: { observer?: Observer } = {};
    try {
      await kube.loadImages(options.images);
      await kube.startDns();
      await install(kube.client, { timing: TIMING_NAMES[options.profile] });
      const observer = (started.observer = await Observer.start(kube.lab, VIPS, { probeMs, askMs }));
      const scene = new ClusterScene(kube, observer, options);
      await kube.client.apply(poolManifest(POOL, ADDRESSES, { failbackDelay: FAILBACK_DELAY }));
      await scene.healthy();
      return scene;
    } catch (error) {
      await started.observer?.stop();
      await kube.destroy();
      throw error;
    }
  }

  get lab(): Lab {
    return this.kube.lab;
  }

  get #hosts(): readonly string[] {
    return [...this.lab.hosts.keys()];
  }

  get cluster(): Cluster {
    return elsewhere('a single process');
  }

  daemon(): LabProcess {
    return elsewhere('a single process');
  }

  crash(): Promise<void> {
    return elsewhere('a crash');
  }

  services(): HostServices {
    return elsewhere('a service');
  }

  maintain(): Heal {
    return elsewhere('maintenance');
  }

  move(): Promise<void> {
    return elsewhere('a move');
  }

  apiAway(): () => void {
    const { apiServer } = this.kube.controlPlane;
    apiServer.freeze();
    return () => apiServer.thaw();
  }

  /** Every member of the chart's etcd sleeps until the result is called. */
  etcdAway(): () => void {
    return this.#asleep('etcd');
  }

  /** The DNS of the cluster does not answer until the result is called. */
  dnsAway(): () => void {
    return this.#asleep('coredns');
  }

  /** @returns tag of an image that is the one of the release but for its name, on every node. */
  async nextTag(): Promise<string> {
    const { name } = this.#images.find(({ name: known }) => known.includes('/vippool:')) ?? {};
    if (name === undefined) throw new Error('the image of the release was not loaded');
    const tag = `${name.slice(name.lastIndexOf(':') + 1)}-next`;
    await this.kube.nameImage(name, `${name.slice(0, name.lastIndexOf(':'))}:${tag}`);
    return tag;
  }

  #asleep(program: string): () => void {
    const running = (): readonly number[] =>
      [...this.kube.nodes.values()].flatMap(({ cgroup }) =>
        cgroup.processes().filter((pid) => procFile(pid, 'comm').trim() === program),
      );
    if (running().length === 0) throw new Error(`no node runs ${program}`);
    for (const pid of running()) process.kill(pid, 'SIGSTOP');
    // Some may have gone with their node.
    return () => running().forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  async healthy(): Promise<void> {
    await this.kube.nodesReady();
    const controllers = async (): Promise<boolean> => {
      const hosts = [...this.lab.hosts.values()];
      const up = await Promise.all(hosts.map(({ addresses }) => accepts(addresses.management, CONTROLLER_PORT)));
      return up.filter(Boolean).length === CONTROLLERS;
    };
    await waitFor('every controller', controllers, SETTLE_MS);
    await this.#master();
    // One that has just started may have lost its memory, and takes no part before.
    await sleep(abstentionMs(this.timing));
    await this.observer.settled(this.#hosts, SETTLE_MS);
    await sleep(QUIET_MS);
    await this.observer.settled(this.#hosts, SETTLE_MS);
  }

  async roles(): Promise<Roles> {
    const master = await this.#master();
    const holders = await this.observer.holders();
    const count = (host: string): number => [...holders.values()].filter((list) => list.join() === host).length;
    const others = this.#hosts.filter((host) => host !== master).sort((a, b) => count(b) - count(a));
    const [holder = '', third = ''] = others;
    const [vip = ''] = [...holders].find(([, list]) => list.join() === holder) ?? [];
    return { holder, master, third, vip };
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    await this.kube.destroy();
  }

  #master(): Promise<string> {
    return waitFor('a master', () => masterNode(this.lab), SETTLE_MS);
  }
}
