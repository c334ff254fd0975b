import type { Timing } from '../../../src/core/timing.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Observer } from '../../lib/observer.ts';
import type { LabProcess } from '../../lib/process.ts';
import type { HostServices } from '../../lib/services.ts';
import { HOSTS, type Roles, type Scene } from '../fault.ts';
import { type Profile, timingOf } from '../promises.ts';
import { addressesOf } from '../vips.ts';

export const { vips: VIPS } = addressesOf('hosts');
const [HOLDER = '', MASTER = '', THIRD = ''] = HOSTS;
/** Hosts of a peer by their roles; it has no master. */
export const PEER_HOSTS = { holder: HOLDER, master: MASTER, third: THIRD } as const;

export interface PeerOptions {
  readonly profile: Profile;
  readonly awayMs: number;
  /** By host, all of which are then checked; may be empty. */
  readonly services: ReadonlyMap<string, HostServices>;
}

/** Another system than ours on every host. It has neither controllers nor stores. */
export abstract class PeerScene implements Scene {
  readonly lab: Lab;
  readonly observer: Observer;
  /** What ours would count by: faults that last a part of a lease last as long here. */
  readonly timing: Timing;
  readonly awayMs: number;
  readonly #name: string;
  readonly #services: ReadonlyMap<string, HostServices>;

  constructor(name: string, lab: Lab, observer: Observer, { profile, awayMs, services }: PeerOptions) {
    this.#name = name;
    this.lab = lab;
    this.observer = observer;
    this.timing = timingOf(profile);
    this.awayMs = awayMs;
    this.#services = services;
  }

  abstract daemon(host: string): LabProcess;
  abstract move(vip: string, to: string): Promise<void>;
  abstract roles(): Promise<Roles>;
  /** Resolves when every VIP is at its place. */
  protected abstract settled(): Promise<void>;

  get cluster(): never {
    throw new Error(`${this.#name} has no controllers`);
  }

  async crash(host: string): Promise<void> {
    await this.daemon(host).kill();
  }

  apiAway(): never {
    throw new Error(`${this.#name} has no API server`);
  }

  maintain(): never {
    throw new Error(`maintenance of ${this.#name} is not measured`);
  }

  services(host: string): HostServices {
    const found = this.#services.get(host);
    if (!found) throw new Error(`this stage has no services on ${host}`);
    return found;
  }

  async healthy(): Promise<void> {
    await Promise.all([...this.#services.values()].map((services) => services.up()));
    await this.settled();
  }

  async stop(): Promise<void> {
    await this.observer.stop();
    await this.lab.destroy();
  }
}
