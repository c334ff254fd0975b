import type { BoundAddress } from '../../core/agent/agent-memory.ts';
import { type NodeName, nodeName, type VipAddress } from '../../core/ids.ts';
import type { InterfaceState } from '../../core/messages.ts';
import type { Timing } from '../../core/timing.ts';
import { KernelFence } from './kernel-fence.ts';
import type { LocalClock } from './local-clock.ts';

export const INTERFACE = 's0';
/** An address that nobody refreshes is gone after so long. */
const LIFETIME_MS = 30_000;

export interface KernelWatch {
  bound(kernel: SimKernel, vip: VipAddress): void;
  unbound(kernel: SimKernel, vip: VipAddress): void;
}

/** One host as the network sees it: it goes on while its agent is dead, and answers for what is bound and not fenced. */
export class SimKernel {
  readonly index: number;
  readonly node: NodeName;
  readonly mac: string;
  readonly ownAddress: string;
  readonly clock: LocalClock;
  readonly fence: KernelFence;
  powered = true;
  /** How many faults keep the service interface down. */
  carrierLost = 0;
  readonly #watch: KernelWatch;
  readonly #addresses = new Map<VipAddress, { readonly address: BoundAddress; endsAt: number }>();

  constructor(index: number, clock: LocalClock, timing: Timing, watch: KernelWatch) {
    this.index = index;
    this.node = nodeName(`node-${index + 1}`);
    this.mac = `02:00:00:00:00:0${(index + 1).toString(16)}`;
    this.ownAddress = `192.0.2.${200 + index}`;
    this.clock = clock;
    this.fence = new KernelFence(clock, timing.leaseMs);
    this.#watch = watch;
  }

  get size(): number {
    return this.marked().length;
  }

  vips(): VipAddress[] {
    return this.marked().map(({ vip }) => vip);
  }

  marked(): BoundAddress[] {
    const now = this.clock.now();
    const list: BoundAddress[] = [];
    for (const [vip, { address, endsAt }] of this.#addresses) {
      if (endsAt > now) list.push(address);
      else this.#take(vip);
    }
    return list;
  }

  interfaces(): InterfaceState[] {
    const carrier = this.carrierLost === 0;
    return [{ name: INTERFACE, mac: this.mac, carrier, addresses: [`${this.ownAddress}/24`] }];
  }

  put(addresses: readonly BoundAddress[]): void {
    const endsAt = this.clock.now() + LIFETIME_MS;
    for (const address of addresses) {
      const known = this.#addresses.get(address.vip);
      this.#addresses.set(address.vip, { address, endsAt });
      if (!known) this.#watch.bound(this, address.vip);
    }
  }

  /** Whether it was there. */
  take(vip: VipAddress): boolean {
    return this.#take(vip);
  }

  has(vip: VipAddress): boolean {
    const item = this.#addresses.get(vip);
    return item !== undefined && item.endsAt > this.clock.now();
  }

  /** Whether a client or a prober on the service network would hear this host for the VIP. */
  answers(vip: VipAddress): boolean {
    return this.powered && this.carrierLost === 0 && this.has(vip) && this.fence.lets(vip);
  }

  powerOff(): void {
    this.powered = false;
    for (const vip of this.#addresses.keys()) this.#take(vip);
    this.fence.reset();
  }

  #take(vip: VipAddress): boolean {
    if (!this.#addresses.delete(vip)) return false;
    this.#watch.unbound(this, vip);
    return true;
  }
}
