import type { VipAddress } from '../../core/ids.ts';
import { formatIp, type Subnet } from '../../core/ip.ts';
import type { InterfaceState } from '../../core/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { AddressError, MarkedAddress, NeighbourQuestions, Network, NetworkEvent } from '../../ports/network.ts';
import { type PlannedAddress, planPut, planRemove } from './address-plan.ts';
import { ANNOUNCEMENT } from './announcement.ts';
import { ClaimWatch } from './claim-watch.ts';
import { ConnectionDropper } from './connection-dropper.ts';
import { purge } from './connection-purge.ts';
import { FrameSender } from './frame-sender.ts';
import type { HostState } from './host-state.ts';
import { HostWatch } from './host-watch.ts';
import { checkMarkIsKept } from './mark-check.ts';
import { NeighbourAsker } from './neighbour-asker.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { Prober } from './prober.ts';
import {
  ADDRESS_PROTOCOL,
  type AddressTarget,
  encodeDeleteAddress,
  encodeNewAddress,
  type InterfaceAddress,
} from './rtnetlink-address.ts';
import { SysError, toOpError } from './sys-error.ts';

export interface LinuxNetworkOptions {
  /** Names of the interfaces whose addresses may be touched. They need not exist yet. */
  readonly interfaces: readonly string[];
  readonly allowedAddresses: readonly Subnet[];
  /** An address that is not put again ends after so long (the kernel is up to 1 s late). */
  readonly lifetimeSeconds: number;
  /** Kernel queue for events; one that is too small costs a re-read of everything. Default 8 MiB. */
  readonly eventBufferBytes?: number;
}

export interface LinuxNetworkDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const COMMAND_BUFFER_BYTES = 8 << 20;
/** Not there (any more): what a removal wants. */
const ABSENT: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV', 'ENXIO']);

interface Running {
  readonly commands: NetlinkSocket;
  readonly watch: HostWatch;
  readonly claims: ClaimWatch;
  readonly sender: FrameSender;
  readonly prober: Prober;
  readonly asker: NeighbourAsker;
  readonly dropper: ConnectionDropper;
}

/**
 * The Network port on rtnetlink and AF_PACKET. Works in the network namespace of the process, on the main thread.
 *
 * Addresses are recognised by their protocol (IFA_PROTO), so a new process finds what an earlier one left. Before and
 * after each change the queued events are read, so that every decision is about what is really there. Events are
 * delivered from the event loop, never from inside a call: an address that went and came back until then leaves none,
 * and neither does what was there at `start`.
 */
export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions;
  readonly #dependencies: LinuxNetworkDependencies;
  #running: Running | undefined;
  #markIsKept = false;

  constructor(options: LinuxNetworkOptions, dependencies: LinuxNetworkDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Throws OpError: PermissionDenied without CAP_NET_ADMIN. */
  start(onEvent: (event: NetworkEvent) => void): void {
    const { clock, log, metrics } = this.#dependencies;
    const { interfaces, eventBufferBytes = 8 << 20 } = this.#options;
    let commands: NetlinkSocket | undefined;
    try {
      commands = NetlinkSocket.open([], COMMAND_BUFFER_BYTES);
      const watch = new HostWatch(interfaces, commands, { clock, log, metrics });
      const asker = new NeighbourAsker(clock);
      const answerIn = asker.answerIn.bind(asker);
      const claims = new ClaimWatch(interfaces, () => watch.state, answerIn, { clock, log, metrics });
      watch.start(eventBufferBytes, (event) => {
        claims.follow();
        onEvent(event);
      });
      claims.start(onEvent);
      const sender = new FrameSender(log, metrics);
      const dropper = new ConnectionDropper(purge, clock, metrics);
      this.#running = { commands, watch, claims, sender, prober: new Prober(sender, clock), asker, dropper };
    } catch (error) {
      commands?.close();
      throw toOpError(error, 'opening rtnetlink');
    }
  }

  /** Every interface and address of the host; undefined before `start` and after `stop`. */
  get state(): HostState | undefined {
    return this.#running?.watch.state;
  }

  /** Of the configured interfaces those that exist, in the order of the configuration. */
  interfaces(): readonly InterfaceState[] {
    return this.#running?.watch.state.interfaces(this.#options.interfaces) ?? [];
  }

  marked(): readonly MarkedAddress[] {
    return this.#running?.watch.state.marked(this.#options.interfaces) ?? [];
  }

  /** Throws OpError where the kernel does not keep our mark. */
  put(addresses: readonly MarkedAddress[]): readonly AddressError[] {
    const { dropper, watch } = this.#started();
    dropper.keep(addresses.map(({ vip }) => vip));
    this.#read();
    const { planned, errors } = planPut(watch.state, addresses, this.#options);
    // The first new address is a test for all others.
    const trial = this.#markIsKept ? [] : planned.filter((item) => !item.present).slice(0, 1);
    const failed = [...this.#add(trial), ...this.#add(planned.filter((item) => !trial.includes(item)))];
    watch.read();
    return [...errors, ...failed];
  }

  #add(planned: readonly PlannedAddress[]): AddressError[] {
    const { commands, watch } = this.#started();
    const { lifetimeSeconds } = this.#options;
    const failed = this.#carryOut(planned.map((item) => encodeNewAddress(item, lifetimeSeconds, !item.present)));
    for (const [index, item] of planned.entries()) {
      if (failed.has(index)) continue;
      if (!this.#markIsKept && !item.present) {
        checkMarkIsKept(commands, item);
        this.#markIsKept = true;
      }
      watch.carriedOut('added', entryOf(item));
    }
    return errorsOf(planned, failed);
  }

  remove(addresses: readonly MarkedAddress[]): readonly AddressError[] {
    const { watch } = this.#started();
    this.#read();
    const planned = planRemove(watch.state, addresses, this.#options);
    const failed = this.#carryOut(planned.map(encodeDeleteAddress));
    for (const [index, item] of planned.entries()) {
      const code = failed.get(index);
      if (code === undefined) watch.carriedOut('removed', entryOf(item));
      else if (ABSENT.has(code)) failed.delete(index);
    }
    watch.read();
    return errorsOf(planned, failed);
  }

  announce(addresses: readonly MarkedAddress[]): void {
    const { sender, watch } = this.#started();
    watch.read();
    sender.send(watch.state, addresses, ANNOUNCEMENT);
  }

  probe(addresses: readonly MarkedAddress[]): void {
    const { claims, prober, watch } = this.#started();
    this.#read();
    claims.follow();
    claims.probed(addresses);
    prober.probe(() => watch.state, addresses);
  }

  askNeighbours(questions: readonly NeighbourQuestions[]): readonly NeighbourQuestions[] {
    const { asker, watch } = this.#started();
    return asker.ask(watch.state, questions);
  }

  dropConnections(vips: readonly VipAddress[]): { readonly tracked: number; readonly sockets: number } {
    return this.#started().dropper.drop(vips);
  }

  stop(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.prober.stop();
    running.asker.close();
    running.dropper.stop();
    running.claims.stop();
    running.watch.stop();
    running.sender.close();
    running.commands.close();
  }

  /** Brings the state up to date, before it is changed: claims so far are about the state so far. */
  #read(): void {
    const { claims, watch } = this.#started();
    watch.read();
    claims.settle();
  }

  /** Error codes by position of the request. */
  #carryOut(requests: readonly Buffer[]): Map<number, string> {
    const { commands, watch } = this.#started();
    try {
      return new Map(commands.batch(requests).map(({ index, code }) => [index, code]));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      // How far it got is unknown: look, and have it all tried again.
      watch.resync();
      return new Map(requests.map((_, index) => [index, error.code]));
    }
  }

  #started(): Running {
    if (!this.#running) throw new Error('LinuxNetwork is not started');
    return this.#running;
  }
}

const errorsOf = (
  planned: readonly { readonly address: MarkedAddress }[],
  failed: ReadonlyMap<number, string>,
): AddressError[] =>
  planned.flatMap(({ address }, index) => {
    const code = failed.get(index);
    return code === undefined ? [] : [{ address, code }];
  });

const entryOf = ({ ifindex, ip, prefixLength }: AddressTarget): InterfaceAddress => ({
  ifindex,
  ip: formatIp(ip),
  family: ip.family,
  prefixLength,
  protocol: ADDRESS_PROTOCOL,
  flags: 0,
});
