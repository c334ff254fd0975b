import type { Timing } from '../../../src/core/timing.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { CtdbCluster } from '../../lib/peers/ctdb.ts';
import type { LabProcess } from '../../lib/process.ts';
import type { HostServices } from '../../lib/services.ts';
import { HOSTS, type Roles, type Scene } from '../fault.ts';
import { timingOf } from '../promises.ts';
import { addressesOf } from '../vips.ts';
import type { PeerOptions } from './keepalived.ts';

/** Its recoveries wait for one another. */
const SETTLE_MS = 120_000;
const { vips: VIPS } = addressesOf('hosts');
const [HOLDER = '', MASTER = '', THIRD = ''] = HOSTS;

/** CTDB on every host, with a lock on a file system that all of them share. It has no stores. */
export class CtdbScene implements Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  /** What ours would count by: faults that last a part of a lease last as long here. */
  readonly timing: Timing;
  readonly awayMs: number;
  readonly #ctdb: CtdbCluster;
  readonly #services: ReadonlyMap<string, HostServices>;

  private constructor(lab: Lab, observer: Observer, { profile, awayMs, services }: PeerOptions) {
    this.lab = lab;
    this.observer = observer;
    this.timing = timingOf(profile);
    this.awayMs = awayMs;
    this.#services = services;
    const checks = services.size > 0;
    this.#ctdb = CtdbCluster.start(lab, VIPS, profile === 'default' ? 'default' : 'fast', { checks });
  }

  static async start(lab: Lab, observer: Observer, options: PeerOptions): Promise<CtdbScene> {
    const scene = new CtdbScene(lab, observer, options);
    await scene.healthy();
    return scene;
  }

  get cluster(): never {
    throw new Error('CTDB has no controllers');
  }

  daemon(host: string): LabProcess {
    return this.#ctdb.daemon(host);
  }

  async crash(host: string): Promise<void> {
    await this.daemon(host).kill();
  }

  move(): never {
    throw new Error('CTDB gives VIPs no home');
  }

  services(host: string): HostServices {
    const found = this.#services.get(host);
    if (!found) throw new Error(`this stage has no services on ${host}`);
    return found;
  }

  maintain(): never {
    throw new Error('maintenance of CTDB is not measured');
  }

  apiAway(): never {
    throw new Error('CTDB has no API server');
  }

  async healthy(): Promise<void> {
    await Promise.all([...this.#services.values()].map((services) => services.up()));
    await this.observer.settled(HOSTS, SETTLE_MS);
  }

  async roles(): Promise<Roles> {
    const [vip = ''] = [...(await this.observer.holders())].find(([, hosts]) => hosts.join() === HOLDER) ?? [];
    return { holder: HOLDER, master: MASTER, third: THIRD, vip };
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    await this.lab.destroy();
  }
}
