import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { KeepalivedCluster } from '../../lib/peers/keepalived.ts';
import type { LabProcess } from '../../lib/process.ts';
import type { Roles } from '../fault.ts';
import { PEER_HOSTS, type PeerOptions, PeerScene, VIPS } from './peer-scene.ts';

const SETTLE_MS = 30_000;

/** keepalived on every host. */
export class KeepalivedScene extends PeerScene {
  readonly #keepalived: KeepalivedCluster;

  private constructor(lab: Lab, observer: Observer, options: PeerOptions) {
    super('keepalived', lab, observer, options);
    const checks = options.services.size > 0;
    this.#keepalived = KeepalivedCluster.start(lab, VIPS, options.profile === 'default' ? 'default' : 'fast', {
      checks,
    });
  }

  static async start(lab: Lab, observer: Observer, options: PeerOptions): Promise<KeepalivedScene> {
    const scene = new KeepalivedScene(lab, observer, options);
    await scene.healthy();
    return scene;
  }

  daemon(host: string): LabProcess {
    return this.#keepalived.daemon(host);
  }

  async move(vip: string, to: string): Promise<void> {
    this.#keepalived.move(vip, to);
    await this.observer.waitForHolder(vip, to, SETTLE_MS);
  }

  roles(): Promise<Roles> {
    return Promise.resolve({ ...PEER_HOSTS, vip: VIPS[0] ?? '' });
  }

  protected async settled(): Promise<void> {
    for (const vip of VIPS) await this.observer.waitForHolder(vip, this.#keepalived.home(vip), SETTLE_MS);
  }
}
