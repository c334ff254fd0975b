import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NetworkEvent } from '../../ports/network.ts';
import { ChangeReport } from './change-report.ts';
import { HostState } from './host-state.ts';
import type { NetlinkMessage } from './netlink-message.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { decodeAddress, encodeAddressDump, type InterfaceAddress } from './rtnetlink-address.ts';
import { decodeLink, encodeLinkDump } from './rtnetlink-link.ts';
import { watchReadable } from './signal-io.ts';

const RTNLGRP_LINK = 1;
const RTNLGRP_IPV4_IFADDR = 5;
const RTNLGRP_IPV6_IFADDR = 9;

export interface HostWatchDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Keeps a HostState current from the kernel's events, and tells what changed on the interfaces of these names. */
export class HostWatch {
  readonly #names: readonly string[];
  readonly #commands: NetlinkSocket;
  readonly #dependencies: HostWatchDependencies;
  readonly #report = new ChangeReport();
  readonly #pending: NetworkEvent[] = [];
  #state = new HostState();
  #addressesChanged = false;
  #events: NetlinkSocket | undefined;
  #unwatch: (() => void) | undefined;

  /** `commands`: for dumps; stays the caller's. */
  constructor(names: readonly string[], commands: NetlinkSocket, dependencies: HostWatchDependencies) {
    this.#names = names;
    this.#commands = commands;
    this.#dependencies = dependencies;
  }

  get state(): HostState {
    return this.#state;
  }

  /** Throws SysError. */
  start(bufferBytes: number, onEvent: (event: NetworkEvent) => void): void {
    const groups = [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR];
    const events = NetlinkSocket.open(groups, bufferBytes);
    this.#events = events;
    try {
      this.resync();
      this.#report.marked(this.#state.marked(this.#names));
      this.#pending.length = 0;
      this.#addressesChanged = false;
      this.#unwatch = watchReadable(events.fd, () => this.#deliver(onEvent), this.#dependencies.clock);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#events?.close();
    this.#events = undefined;
    this.#pending.length = 0;
  }

  /** Brings the state up to date with everything the kernel has told so far; events are delivered later. */
  read(): void {
    for (;;) {
      const received = this.#events?.receive() ?? { kind: 'empty' };
      switch (received.kind) {
        case 'empty':
          return;
        case 'messages':
          for (const message of received.messages) this.#apply(message);
          break;
        case 'overflow':
          this.#dependencies.metrics.count('network_event_overflows_total');
          this.#dependencies.log.log('warn', 'network events were lost: reading all interfaces and addresses again');
          this.resync();
          this.#pending.push({ kind: 'overflow' });
      }
    }
  }

  /** The kernel carried out a change of ours; it may tell of it a little later. */
  carriedOut(kind: 'added' | 'removed', address: InterfaceAddress): void {
    this.#state.applyAddress({ kind, address });
    this.#addressesChanged = true;
  }

  /** Replaces the state by what the kernel has now. Events queued before it would be older, so they are dropped. */
  resync(): void {
    while (this.#events?.receive().kind !== 'empty');
    const state = new HostState();
    for (const message of this.#commands.dump(encodeLinkDump(), decodeLink)) state.applyLink(message);
    for (const message of this.#commands.dump(encodeAddressDump(), decodeAddress)) state.applyAddress(message);
    this.#state = state;
    this.#addressesChanged = true;
    this.#collectInterfaces();
  }

  #apply(message: NetlinkMessage): void {
    const link = decodeLink(message);
    const address = link ? undefined : decodeAddress(message);
    if (link) this.#state.applyLink(link);
    if (address) this.#state.applyAddress(address);
    if (link ?? address) this.#addressesChanged = true;
    // At once: a carrier that was lost for a moment has to be told, though it is back already.
    if (link) this.#collectInterfaces();
  }

  #deliver(onEvent: (event: NetworkEvent) => void): void {
    this.read();
    if (this.#addressesChanged) {
      this.#addressesChanged = false;
      this.#collectInterfaces();
      this.#pending.push(...this.#report.marked(this.#state.marked(this.#names)));
    }
    for (let event = this.#pending.shift(); event; event = this.#pending.shift()) onEvent(event);
  }

  #collectInterfaces(): void {
    this.#pending.push(...this.#report.interfaces(this.#state.interfaces(this.#names)));
  }
}
