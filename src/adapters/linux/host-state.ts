import { vipAddress } from '../../core/ids.ts';
import type { InterfaceState } from '../../core/messages.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { formatMac } from './mac.ts';
import {
  ADDRESS_PROTOCOL,
  type AddressMessage,
  IFA_F_DADFAILED,
  IFA_F_TENTATIVE,
  type InterfaceAddress,
} from './rtnetlink-address.ts';
import type { Link, LinkMessage } from './rtnetlink-link.ts';

const isMarked = (address: InterfaceAddress): boolean => address.protocol === ADDRESS_PROTOCOL;
const isUsable = (address: InterfaceAddress): boolean => (address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0;

/**
 * Every interface and address of the host, kept current by the kernel's messages. All interfaces are followed, since
 * one that may be touched can appear under its name at any time (hot-plug, rename).
 */
export class HostState {
  readonly #links = new Map<number, Link>();
  readonly #indexByName = new Map<string, number>();
  /** By interface index, then by address; one address may be there with several prefix lengths. */
  readonly #addresses = new Map<number, Map<string, readonly InterfaceAddress[]>>();

  linkNamed(name: string): Link | undefined {
    const ifindex = this.#indexByName.get(name);
    return ifindex === undefined ? undefined : this.#links.get(ifindex);
  }

  linkAt(ifindex: number): Link | undefined {
    return this.#links.get(ifindex);
  }

  /** The interface's own addresses that can be used: no VIPs. */
  own(ifindex: number): InterfaceAddress[] {
    return this.#on(ifindex).filter((address) => !isMarked(address) && isUsable(address));
  }

  /** All entries of this address on this interface. */
  entriesOf(ifindex: number, ip: string): readonly InterfaceAddress[] {
    return this.#addresses.get(ifindex)?.get(ip) ?? [];
  }

  /** What is on the interface under this address without our mark. */
  foreignEntry(ifindex: number, ip: string): InterfaceAddress | undefined {
    return this.entriesOf(ifindex, ip).find((entry) => !isMarked(entry));
  }

  markedEntry(ifindex: number, ip: string, prefixLength: number): InterfaceAddress | undefined {
    return this.entriesOf(ifindex, ip).find((entry) => isMarked(entry) && entry.prefixLength === prefixLength);
  }

  /** Whether the address is on the interface of this name with our mark, under whatever prefix length. */
  isMarked(name: string, ip: string): boolean {
    const ifindex = this.#indexByName.get(name);
    return ifindex !== undefined && this.entriesOf(ifindex, ip).some(isMarked);
  }

  /** Whether some interface of this host has the MAC. */
  hasMac(mac: Buffer): boolean {
    for (const link of this.#links.values()) if (mac.equals(link.mac)) return true;
    return false;
  }

  applyLink(message: LinkMessage): void {
    const ifindex = message.kind === 'gone' ? message.ifindex : message.link.ifindex;
    const before = this.#links.get(ifindex);
    if (before && this.#indexByName.get(before.name) === ifindex) this.#indexByName.delete(before.name);
    if (message.kind === 'gone') {
      this.#links.delete(ifindex);
      this.#addresses.delete(ifindex);
    } else {
      this.#links.set(ifindex, message.link);
      this.#indexByName.set(message.link.name, ifindex);
    }
  }

  applyAddress({ kind, address }: AddressMessage): void {
    const others = this.entriesOf(address.ifindex, address.ip).filter(
      (entry) => entry.prefixLength !== address.prefixLength,
    );
    const entries = kind === 'added' ? [...others, address] : others;
    let byIp = this.#addresses.get(address.ifindex);
    if (!byIp) this.#addresses.set(address.ifindex, (byIp = new Map()));
    if (entries.length > 0) byIp.set(address.ip, entries);
    else byIp.delete(address.ip);
  }

  /** Of these names, the interfaces that exist. One that is not there (yet) is left out. */
  interfaces(names: readonly string[]): InterfaceState[] {
    return names.flatMap((name) => {
      const link = this.linkNamed(name);
      if (!link) return [];
      const addresses = this.own(link.ifindex)
        .map((address) => `${address.ip}/${address.prefixLength}`)
        .sort();
      return [{ name, mac: formatMac(link.mac), carrier: link.carrier, addresses }];
    });
  }

  /** Addresses with our mark on the interfaces of these names. */
  marked(names: readonly string[]): MarkedAddress[] {
    return names.flatMap((name) => {
      const link = this.linkNamed(name);
      if (!link) return [];
      return this.#on(link.ifindex)
        .filter(isMarked)
        .map(({ ip, prefixLength }) => ({ vip: vipAddress(ip), interface: name, prefixLength }));
    });
  }

  #on(ifindex: number): InterfaceAddress[] {
    return [...(this.#addresses.get(ifindex)?.values() ?? [])].flat();
  }
}
