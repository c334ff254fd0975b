import type { GatewayProbe as GatewayCheck, ProbeOutcome } from '../../core/checks.ts';
import type { PoolName } from '../../core/ids.ts';
import { formatIp, type Ip, ipToBytes, parseIp, subnetContains } from '../../core/ip.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import { arpRequest } from './arp-frame.ts';
import { claimIn, isAnswer } from './claim-frame.ts';
import { ClaimSockets } from './claim-sockets.ts';
import { DefaultRoutes, defaultRouteOf } from './default-gateway.ts';
import type { HostState } from './host-state.ts';
import { neighborSolicitation } from './ndp-frame.ts';
import { PacketSockets } from './packet-sockets.ts';
import type { InterfaceAddress } from './rtnetlink-address.ts';
import type { Link } from './rtnetlink-link.ts';
import { SysError } from './sys-error.ts';

/** A question may get lost. */
const REPEAT_MS = 200;

export interface GatewayProbeDependencies {
  readonly clock: Clock;
  /** Interfaces and addresses of the host; undefined as long as nobody follows them. */
  readonly state: () => HostState | undefined;
  /** Names of the interfaces that carry the VIPs of a pool here, or would; none: unknown. */
  readonly serviceInterfaces: (pool: PoolName) => readonly string[];
}

interface Target {
  readonly link: Link;
  readonly gateway: Ip;
  /** The host's own address that asks. */
  readonly own: Ip;
}

/** What keeps a gateway from being asked; the message is for people. */
class NotAsked extends Error {}

/**
 * Asks a gateway by ARP or neighbour solicitation, whatever the host's own tables say of it. Opens its sockets with the
 * first question and keeps them until `stop`: closing one costs the kernel a grace period of 10 to 20 ms.
 */
export class GatewayProbe implements Probe<GatewayCheck> {
  readonly #dependencies: GatewayProbeDependencies;
  readonly #routes = new DefaultRoutes();
  readonly #senders = new PacketSockets();
  readonly #listeners: ClaimSockets;
  /** Who waits for an answer, by interface and address. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(dependencies: GatewayProbeDependencies) {
    this.#dependencies = dependencies;
    this.#listeners = new ClaimSockets(dependencies.clock, (name, frame) => this.#received(name, frame), 'toUs');
  }

  readonly run: Probe<GatewayCheck>['run'] = async (probe, context, signal) => {
    try {
      return await this.#ask(this.#targetOf(probe, context), context.timeoutMs, signal);
    } catch (error) {
      if (error instanceof NotAsked) return failed(error.message);
      if (error instanceof SysError) return failed(`the gateway cannot be asked: ${error.message}`);
      throw error;
    }
  };

  stop(): void {
    this.#listeners.closeAll();
    this.#senders.close();
    this.#routes.close();
  }

  #targetOf(probe: GatewayCheck, { pool, vips }: ProbeContext): Target {
    const state = this.#dependencies.state();
    if (!state) throw new NotAsked('the network of this host is not known yet');
    const names = probe.interface === '' ? this.#dependencies.serviceInterfaces(pool) : [probe.interface];
    const links = names.flatMap((name) => state.linkNamed(name) ?? []);
    if (names.length > 0 && links.length === 0) {
      throw new NotAsked(`there is no interface ${names.join(' or ')} on this host`);
    }
    const { link, gateway } =
      probe.address === '' ? this.#default(state, links) : explicit(probe.address, links, state);
    if (!link.ethernet) throw new NotAsked(`${link.name} is no Ethernet: there is nobody to ask`);
    if (!link.carrier) throw new NotAsked(`${link.name} has no carrier`);
    const own = ownAddress(
      state.own(link.ifindex).filter(({ ip }) => !vips.some((vip) => vip === ip)),
      gateway,
    );
    if (!own) throw new NotAsked(`${link.name} has no IPv${gateway.family} address of its own to ask from`);
    return { link, gateway, own };
  }

  #default(state: HostState, links: readonly Link[]): Pick<Target, 'link' | 'gateway'> {
    const route = defaultRouteOf(
      this.#routes.read(),
      links.map(({ ifindex }) => ifindex),
    );
    if (!route) throw new NotAsked('this host has no default gateway: write the address of one');
    const link = state.linkAt(route.ifindex);
    if (!link) throw new NotAsked('the interface of the default gateway has just gone');
    return { link, gateway: route.gateway };
  }

  async #ask({ link, gateway, own }: Target, timeoutMs: number, signal: AbortSignal): Promise<ProbeOutcome> {
    const { clock } = this.#dependencies;
    const address = formatIp(gateway);
    const frame = questionOf(link.mac, own, gateway);
    this.#listeners.open(link.name, link);
    let askedAt = clock.now();
    let unsent: string | undefined;
    let cancel: () => void = () => undefined;
    const ask = (): void => {
      askedAt = clock.now();
      [unsent] = this.#senders.send(link.name, link.ifindex, [frame]);
      cancel = clock.after(REPEAT_MS, ask);
    };
    const answered = await new Promise<boolean>((resolve) => {
      if (signal.aborted) return resolve(false);
      const forget = this.#awaits(`${link.name} ${address}`, () => end(true));
      const late = (): void => end(false);
      const end = (isAnswered: boolean): void => {
        forget();
        cancel();
        signal.removeEventListener('abort', late);
        resolve(isAnswered);
      };
      signal.addEventListener('abort', late);
      ask();
    });
    if (answered) return passed(`${address} answered in ${(clock.now() - askedAt).toFixed(1)} ms`);
    if (unsent !== undefined) return failed(`${address} was not asked: ${link.name} sends nothing (${unsent})`);
    return failed(
      `${address} did not answer ${gateway.family === 4 ? 'ARP' : 'NDP'} on ${link.name} within ${timeoutMs} ms`,
    );
  }

  #awaits(key: string, answered: () => void): () => void {
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(answered));
    return () => {
      waiting.delete(answered);
      if (waiting.size === 0) this.#waiting.delete(key);
    };
  }

  #received(name: string, frame: Buffer): void {
    if (this.#waiting.size === 0 || !isAnswer(frame)) return;
    const claim = claimIn(frame);
    for (const answered of this.#waiting.get(`${name} ${claim?.ip}`) ?? []) answered();
  }
}

const passed = (output: string): ProbeOutcome => ({ ok: true, output, certain: false });
const failed = (output: string): ProbeOutcome => ({ ok: false, output: output.slice(0, 200), certain: false });

/** Of several interfaces, the one whose subnet the gateway is in. */
function explicit(address: string, links: readonly Link[], state: HostState): Pick<Target, 'link' | 'gateway'> {
  const gateway = parseIp(address);
  if (!gateway) throw new NotAsked(`"${address}" is no address of a gateway: write one like 192.0.2.1 or fe80::1`);
  const link = links.find(({ ifindex }) => state.own(ifindex).some((own) => isInSubnet(own, gateway))) ?? links[0];
  if (!link) throw new NotAsked(`the interface towards ${address} is not known: name it in the check`);
  return { link, gateway };
}

/** An address in the gateway's subnet, else any of its family. */
function ownAddress(addresses: readonly InterfaceAddress[], gateway: Ip): Ip | undefined {
  const own = addresses.filter(({ ip }) => parseIp(ip)?.family === gateway.family);
  const chosen = own.find((address) => isInSubnet(address, gateway)) ?? own[0];
  return chosen && parseIp(chosen.ip);
}

function isInSubnet({ ip, prefixLength }: InterfaceAddress, address: Ip): boolean {
  const base = parseIp(ip);
  return base !== undefined && subnetContains({ base, prefixLength }, address);
}

function questionOf(mac: Uint8Array, own: Ip, gateway: Ip): Uint8Array {
  const [from, to] = [ipToBytes(own), ipToBytes(gateway)];
  return gateway.family === 4 ? arpRequest(mac, from, to) : neighborSolicitation(mac, from, to);
}
