import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import { CtdbCluster } from '../../lib/peers/ctdb.ts';
import type { LabProcess } from '../../lib/process.ts';
import { HOSTS, type Roles } from '../fault.ts';
import { PEER_HOSTS, type PeerOptions, PeerScene, VIPS } from './peer-scene.ts';

/** Its recoveries wait for one another. */
const SETTLE_MS = 120_000;

/** CTDB on every host, with a lock on a file system that all of them share. */
export class CtdbScene extends PeerScene {
  readonly #ctdb: CtdbCluster;

  private constructor(lab: Lab, observer: Observer, options: PeerOptions) {
    super('CTDB', lab, observer, options);
    const checks = options.services.size > 0;
    this.#ctdb = CtdbCluster.start(lab, VIPS, options.profile === 'default' ? 'default' : 'fast', { checks });
  }

  static async start(lab: Lab, observer: Observer, options: PeerOptions): Promise<CtdbScene> {
    const scene = new CtdbScene(lab, observer, options);
    await scene.healthy();
    return scene;
  }

  daemon(host: string): LabProcess {
    return this.#ctdb.daemon(host);
  }

  move(): never {
    throw new Error('CTDB gives VIPs no home');
  }

  async roles(): Promise<Roles> {
    const isHeld = ([, hosts]: readonly [string, readonly string[]]): boolean => hosts.join() === PEER_HOSTS.holder;
    const [vip = ''] = [...(await this.observer.holders())].find(isHeld) ?? [];
    return { ...PEER_HOSTS, vip };
  }

  protected async settled(): Promise<void> {
    await this.observer.settled(HOSTS, SETTLE_MS);
  }
}
