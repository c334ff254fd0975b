import { ipToBytes, parseIp } from '../../core/ip.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { gratuitousArp } from './arp-frame.ts';
import type { HostState } from './host-state.ts';
import { unsolicitedAdvertisement } from './ndp-frame.ts';
import { PacketSockets } from './packet-sockets.ts';

/** Tells neighbours where VIPs are. What cannot be sent is counted and logged: announcements are repeated anyway. */
export class Announcer {
  readonly #sockets = new PacketSockets();
  readonly #log: Log;
  readonly #metrics: Metrics;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** On an interface without Ethernet there is nobody to tell. */
  announce(state: HostState, addresses: readonly MarkedAddress[]): void {
    for (const [name, group] of Map.groupBy(addresses, (address) => address.interface)) {
      const link = state.linkNamed(name);
      if (!link) {
        this.#report(name, ['ENODEV']);
      } else if (link.ethernet) {
        const frames = group.flatMap((address) => framesFor(link.mac, address.vip));
        this.#report(name, this.#sockets.send(name, link.ifindex, frames));
      }
    }
  }

  #report(name: string, codes: readonly string[]): void {
    for (const code of codes) this.#metrics.count('announce_errors_total', { interface: name, code });
    if (codes.length === 0) return;
    const fields = { interface: name, frames: codes.length, codes: [...new Set(codes)] };
    this.#log.log('warn', 'announcements not sent', fields);
  }

  close(): void {
    this.#sockets.close();
  }
}

function framesFor(mac: Uint8Array, vip: string): Uint8Array[] {
  const ip = parseIp(vip);
  if (!ip) return [];
  return ip.family === 4 ? gratuitousArp(mac, ipToBytes(ip)) : [unsolicitedAdvertisement(mac, ipToBytes(ip))];
}
