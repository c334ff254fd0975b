import type { Timing } from '../../../src/core/timing.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { KeepalivedCluster } from '../../lib/peers/keepalived.ts';
import type { LabProcess } from '../../lib/process.ts';
import type { HostServices } from '../../lib/services.ts';
import { HOSTS, type Roles, type Scene } from '../fault.ts';
import { type Profile, timingOf } from '../promises.ts';
import { addressesOf } from '../vips.ts';

const SETTLE_MS = 30_000;
const { vips: VIPS } = addressesOf('hosts');
const [HOLDER = '', MASTER = '', THIRD = ''] = HOSTS;

export interface PeerOptions {
  readonly profile: Profile;
  readonly awayMs: number;
  /** By host, all of which are then checked; may be empty. */
  readonly services: ReadonlyMap<string, HostServices>;
}

/** keepalived on every host. It has neither master nor stores. */
export class KeepalivedScene implements Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  /** What ours would count by: faults that last a part of a lease last as long here. */
  readonly timing: Timing;
  readonly awayMs: number;
  readonly #keepalived: KeepalivedCluster;
  readonly #services: ReadonlyMap<string, HostServices>;

  private constructor(lab: Lab, observer: Observer, { profile, awayMs, services }: PeerOptions) {
    this.lab = lab;
    this.observer = observer;
    this.timing = timingOf(profile);
    this.awayMs = awayMs;
    this.#services = services;
    const checks = services.size > 0;
    this.#keepalived = KeepalivedCluster.start(lab, VIPS, profile === 'default' ? 'default' : 'fast', { checks });
  }

  static async start(lab: Lab, observer: Observer, options: PeerOptions): Promise<KeepalivedScene> {
    const scene = new KeepalivedScene(lab, observer, options);
    await scene.healthy();
    return scene;
  }

  get cluster(): never {
    throw new Error('keepalived has no controllers');
  }

  daemon(host: string): LabProcess {
    return this.#keepalived.daemon(host);
  }

  async crash(host: string): Promise<void> {
    await this.daemon(host).kill();
  }

  async move(vip: string, to: string): Promise<void> {
    this.#keepalived.move(vip, to);
    await this.observer.waitForHolder(vip, to, SETTLE_MS);
  }

  apiAway(): never {
    throw new Error('keepalived has no API server');
  }

  services(host: string): HostServices {
    const found = this.#services.get(host);
    if (!found) throw new Error(`this stage has no services on ${host}`);
    return found;
  }

  maintain(): never {
    throw new Error('keepalived has no maintenance');
  }

  async healthy(): Promise<void> {
    await Promise.all([...this.#services.values()].map((services) => services.up()));
    for (const vip of VIPS) await this.observer.waitForHolder(vip, this.#keepalived.home(vip), SETTLE_MS);
  }

  roles(): Promise<Roles> {
    return Promise.resolve({ holder: HOLDER, master: MASTER, third: THIRD, vip: VIPS[0] ?? '' });
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    await this.lab.destroy();
  }
}
