import { formatIp, type Ip, ipToBytes, parseIp, subnetContains } from '../../core/ip.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NeighbourQuestions, NetworkEvent } from '../../ports/network.ts';
import { arpRequest } from './arp-frame.ts';
import { claimIn, isAnswer } from './claim-frame.ts';
import { DefaultRoutes } from './default-gateway.ts';
import type { HostState } from './host-state.ts';
import { neighborSolicitation } from './ndp-frame.ts';
import { PacketSockets } from './packet-sockets.ts';
import type { DefaultRoute } from './rtnetlink-route.ts';
import type { Link } from './rtnetlink-link.ts';
import { SysError } from './sys-error.ts';

/** Gateways change rarely. */
const ROUTES_KEPT_MS = 10_000;
/** On a host with very many routes reading them takes at most this share of the time. */
const READING_SHARE = 0.002;

interface Neighbour {
  readonly address: string;
  readonly frame: Uint8Array;
}

/**
 * Asks neighbours whether they are there. Who answered last time is asked alone, by its hardware address, as the kernel
 * does to see whether a neighbour is still there (RFC 1122, 2.3.2.1); the others by broadcast.
 */
export class NeighbourAsker {
  readonly #clock: Clock;
  readonly #sockets = new PacketSockets();
  readonly #routes = new DefaultRoutes();
  /** "interface address" of those that have not answered the last question. */
  readonly #awaited = new Set<string>();
  /** Of those that have answered it. */
  readonly #macs = new Map<string, Uint8Array>();
  #gateways: { readonly routes: readonly DefaultRoute[]; readonly until: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As the port says. */
  ask(state: HostState, questions: readonly NeighbourQuestions[]): readonly NeighbourQuestions[] {
    const macs = new Map(this.#macs);
    this.#macs.clear();
    this.#awaited.clear();
    return questions.flatMap(({ interface: name, addresses }) => {
      const link = state.linkNamed(name);
      if (!link?.ethernet || !link.carrier) return [];
      const gateway = this.#gatewayOf(link);
      const targets = new Set([...addresses, ...(gateway === undefined ? [] : [gateway])]);
      const neighbours = [...targets].flatMap((address) => {
        const frame = questionFor(state, link, address, macs.get(keyOf(name, address)));
        return frame ? [{ address, frame }] : [];
      });
      const asked = this.#send(link, neighbours);
      return asked ? [{ interface: name, addresses: asked }] : [];
    });
  }

  /** Undefined: the frame answers no question of ours. */
  answerIn(name: string, frame: Buffer): NetworkEvent | undefined {
    if (this.#awaited.size === 0 || !isAnswer(frame)) return undefined;
    const claim = claimIn(frame);
    const key = claim && keyOf(name, claim.ip);
    if (!key || !this.#awaited.delete(key)) return undefined;
    this.#macs.set(key, Uint8Array.from(claim.sender));
    return { kind: 'answered', interface: name, address: claim.ip };
  }

  close(): void {
    this.#awaited.clear();
    this.#sockets.close();
    this.#routes.close();
  }

  /** Undefined: nothing can be sent. */
  #send({ name, ifindex }: Link, neighbours: readonly Neighbour[]): readonly string[] | undefined {
    const asked = neighbours.filter(({ frame }) => this.#sockets.send(name, ifindex, [frame]).length === 0);
    for (const { address } of asked) this.#awaited.add(keyOf(name, address));
    return asked.length === 0 && neighbours.length > 0 ? undefined : asked.map(({ address }) => address);
  }

  /** Of the default route that leaves by this interface. */
  #gatewayOf({ ifindex }: Link): string | undefined {
    const now = this.#clock.now();
    if (!this.#gateways || now >= this.#gateways.until) {
      const routes = this.#readRoutes();
      const tookMs = this.#clock.now() - now;
      this.#gateways = { routes, until: now + Math.max(ROUTES_KEPT_MS, tookMs / READING_SHARE) };
    }
    const route = this.#gateways.routes.find((item) => item.ifindex === ifindex);
    return route && formatIp(route.gateway);
  }

  #readRoutes(): readonly DefaultRoute[] {
    try {
      return this.#routes.read();
    } catch (error) {
      if (error instanceof SysError) return this.#gateways?.routes ?? [];
      throw error;
    }
  }
}

const keyOf = (name: string, address: string): string => `${name} ${address}`;

/** Undefined: the host has no address of its own from which it could ask. */
function questionFor(
  state: HostState,
  link: Link,
  address: string,
  toMac: Uint8Array | undefined,
): Uint8Array | undefined {
  const target = parseIp(address);
  const own = target && ownAddress(state, link, target);
  if (!target || !own) return undefined;
  const [from, to] = [ipToBytes(own), ipToBytes(target)];
  const frame = target.family === 4 ? arpRequest(link.mac, from, to) : neighborSolicitation(link.mac, from, to);
  if (toMac) frame.set(toMac, 0);
  return frame;
}

function ownAddress(state: HostState, { ifindex }: Link, target: Ip): Ip | undefined {
  for (const { ip, prefixLength } of state.own(ifindex)) {
    const base = parseIp(ip);
    if (base && subnetContains({ base, prefixLength }, target)) return base;
  }
  return undefined;
}
