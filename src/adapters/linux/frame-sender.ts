import { ipToBytes, parseIp } from '../../core/ip.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import type { HostState } from './host-state.ts';
import { PacketSockets } from './packet-sockets.ts';

/** What is sent about an address: `v4` and `v6` take our MAC and the address. */
export interface Frames {
  readonly v4: (mac: Uint8Array, ip: Uint8Array) => readonly Uint8Array[];
  readonly v6: (mac: Uint8Array, ip: Uint8Array) => readonly Uint8Array[];
  /** Counts one of them that could not be sent. */
  readonly countError: (metrics: Metrics, labels: { readonly interface: string; readonly code: string }) => void;
  /** What the log says then. */
  readonly errorMessage: string;
}

/** Sends frames about addresses. What cannot be sent is counted and logged: all that is sent here is repeated anyway. */
export class FrameSender {
  readonly #sockets = new PacketSockets();
  readonly #log: Log;
  readonly #metrics: Metrics;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** On an interface without Ethernet there is nobody to tell. */
  send(state: HostState, addresses: readonly MarkedAddress[], frames: Frames): void {
    for (const [name, group] of Map.groupBy(addresses, (address) => address.interface)) {
      const link = state.linkNamed(name);
      if (!link) {
        this.#report(name, ['ENODEV'], frames);
      } else if (link.ethernet) {
        const all = group.flatMap(({ vip }) => framesFor(vip, link.mac, frames));
        this.#report(name, this.#sockets.send(name, link.ifindex, all), frames);
      }
    }
  }

  #report(name: string, codes: readonly string[], { countError, errorMessage }: Frames): void {
    for (const code of codes) countError(this.#metrics, { interface: name, code });
    if (codes.length === 0) return;
    this.#log.log('warn', errorMessage, { interface: name, frames: codes.length, codes: [...new Set(codes)] });
  }

  close(): void {
    this.#sockets.close();
  }
}

function framesFor(vip: string, mac: Uint8Array, { v4, v6 }: Frames): readonly Uint8Array[] {
  const ip = parseIp(vip);
  if (!ip) return [];
  return ip.family === 4 ? v4(mac, ipToBytes(ip)) : v6(mac, ipToBytes(ip));
}
