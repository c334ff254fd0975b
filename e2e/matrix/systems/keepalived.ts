import type { Timing } from '../../../src/core/timing.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { KeepalivedCluster } from '../../lib/peers/keepalived.ts';
import type { LabProcess } from '../../lib/process.ts';
import { HOSTS, type Roles, type Scene } from '../fault.ts';
import { type Profile, timingOf } from '../promises.ts';
import { addressesOf } from '../vips.ts';

const SETTLE_MS = 30_000;
const { vips: VIPS } = addressesOf('hosts');
const [HOLDER = '', MASTER = '', THIRD = ''] = HOSTS;

/** keepalived on every host. It has neither master nor stores. */
export class KeepalivedScene implements Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  /** What ours would count by: faults that last a part of a lease last as long here. */
  readonly timing: Timing;
  readonly awayMs: number;
  readonly #keepalived: KeepalivedCluster;

  private constructor(lab: Lab, observer: Observer, profile: Profile, awayMs: number) {
    this.lab = lab;
    this.observer = observer;
    this.timing = timingOf(profile);
    this.awayMs = awayMs;
    this.#keepalived = KeepalivedCluster.start(lab, VIPS, profile === 'default' ? 'default' : 'fast');
  }

  static async start(
    lab: Lab,
    observer: Observer,
    { profile, awayMs }: { readonly profile: Profile; readonly awayMs: number },
  ): Promise<KeepalivedScene> {
    const scene = new KeepalivedScene(lab, observer, profile, awayMs);
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

  async healthy(): Promise<void> {
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
