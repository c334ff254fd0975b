/** Many hosts in one process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock as clock } from '../../src/adapters/system/system-clock.ts';
import type { ElectorateMember } from '../../src/core/electorate.ts';
import type { VipAddress } from '../../src/core/ids.ts';
import type { Timing } from '../../src/core/timing.ts';
import { Observed, type Observations } from './observed.ts';
import { SimulatedHost } from './simulated-host.ts';

export interface FleetOptions {
  readonly hosts: number;
  /** So many hosts in a row have the same label `pool`: 0, 1, ... */
  readonly hostsPerPool: number;
  readonly controllers: readonly ElectorateMember[];
  readonly timing: Timing;
}

export interface FleetState {
  readonly powered: number;
  readonly leased: number;
  /** Hosts that answer for a VIP. */
  readonly serving: number;
  /** Times that a VIP was put on a NIC. */
  readonly puts: number;
  /** Times that a host began to answer for a VIP for which another one did. */
  readonly twoHolders: number;
  readonly cpuSeconds: number;
  readonly observations: Observations;
}

/** Hosts lost their power at the same moment. */
export interface Outage {
  /** From then until each of their VIPs was on another host. */
  readonly takeoverMs: readonly number[];
  /** VIPs for which nobody answered in time. */
  readonly stranded: number;
}

/** Controllers admit so many connections in a second. */
const START_EVERY_MS = 5;

export class Fleet {
  readonly #hosts: SimulatedHost[];
  readonly #byAddress: ReadonlyMap<string, SimulatedHost>;
  readonly #holders = new Map<VipAddress, { readonly host: SimulatedHost; readonly at: number }>();
  readonly #observed = new Observed();
  #puts = 0;
  #twoHolders = 0;

  constructor({ hosts, hostsPerPool, controllers, timing }: FleetOptions) {
    const world = {
      log: this.#observed.log,
      metrics: this.#observed.metrics,
      isUp: (address: string) => this.#byAddress.get(address)?.powered ?? false,
      bound: (host: SimulatedHost, vips: readonly VipAddress[]) => this.#bound(host, vips),
    };
    this.#hosts = Array.from({ length: hosts }, (_, index) => {
      const name = `load-${String(index).padStart(4, '0')}`;
      const address = `10.99.${index >> 8}.${index & 255}`;
      const labels = { pool: String(Math.floor(index / hostsPerPool)) };
      return new SimulatedHost({ name, address, labels, controllers, timing }, world);
    });
    this.#byAddress = new Map(this.#hosts.map((host) => [host.spec.address, host]));
  }

  async start(): Promise<void> {
    for (const host of this.#hosts) {
      await host.powerOn();
      await sleep(START_EVERY_MS);
    }
  }

  /** What was observed is told once. */
  state(): FleetState {
    const { user, system } = process.cpuUsage();
    return {
      powered: this.#hosts.filter(({ powered }) => powered).length,
      leased: this.#hosts.filter(({ leased }) => leased).length,
      serving: this.#hosts.filter((host) => host.powered && host.held().some((vip) => host.answers(vip))).length,
      puts: this.#puts,
      twoHolders: this.#twoHolders,
      cpuSeconds: (user + system) / 1e6,
      observations: this.#observed.take(),
    };
  }

  /** Takes the power of so many hosts that hold VIPs, waits until others have these, and gives the power back. */
  async outage(count: number, withinMs: number): Promise<Outage> {
    const lost = this.#hosts.filter((host) => host.powered && host.held().length > 0);
    shuffle(lost);
    lost.length = Math.min(count, lost.length);
    const vips = lost.flatMap((host) => host.held());
    const at = clock.now();
    for (const host of lost) host.powerOff();
    const isTaken = (vip: VipAddress): boolean => this.#holders.get(vip)?.host.powered ?? false;
    while (!vips.every(isTaken) && clock.now() - at < withinMs) await sleep(10);
    const taken = vips.filter(isTaken);
    const takeoverMs = taken.map((vip) => (this.#holders.get(vip)?.at ?? Number.NaN) - at);
    await Promise.all(lost.map((host) => host.powerOn()));
    return { takeoverMs, stranded: vips.length - taken.length };
  }

  #bound(host: SimulatedHost, vips: readonly VipAddress[]): void {
    for (const vip of vips) {
      this.#puts++;
      const before = this.#holders.get(vip)?.host;
      if (before !== host && before?.answers(vip)) this.#twoHolders++;
      this.#holders.set(vip, { host, at: clock.now() });
    }
  }
}

/** Fisher and Yates. */
function shuffle(items: SimulatedHost[]): void {
  for (let end = items.length - 1; end > 0; end--) {
    const index = Math.floor(Math.random() * (end + 1));
    [items[end], items[index]] = [items[index] as SimulatedHost, items[end] as SimulatedHost];
  }
}
