import { Channel, type ChannelCredentials, type ChannelOptions, connectivityState } from '@grpc/grpc-js';
import type { ChannelSecurity } from './provided-certificates.ts';

/** "[2001:db8::1]:2379" -> "2001:db8::1" */
const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

/** A channel that stays closed: asked for its state, the library's one connects anew even after its end. */
class OwnChannel extends Channel {
  #closed = false;

  override close(): void {
    this.#closed = true;
    super.close();
  }

  override getConnectivityState(tryToConnect: boolean): ReturnType<Channel['getConnectivityState']> {
    return super.getConnectivityState(tryToConnect && !this.#closed);
  }
}

/**
 * The channels of one client of etcd. The client by itself waits a second for each that is connecting before it closes
 * it; here they can be closed at once.
 */
export class OwnChannels {
  readonly #securityOf: ((host: string) => ChannelSecurity) | undefined;
  readonly #open = new Set<Channel>();

  /** @param securityOf in the place of the client's own, which is read once for all time */
  constructor(securityOf?: (host: string) => ChannelSecurity) {
    this.#securityOf = securityOf;
  }

  /** `channelFactoryOverride` of the library's clients. */
  readonly factory = (address: string, credentials: ChannelCredentials, options: ChannelOptions): Channel => {
    const security = this.#securityOf?.(hostOf(address));
    const channel = new OwnChannel(address, security?.credentials ?? credentials, { ...options, ...security?.options });
    for (const other of this.#open)
      if (other.getConnectivityState(false) === connectivityState.SHUTDOWN) this.#open.delete(other);
    this.#open.add(channel);
    return channel;
  };

  close(): void {
    for (const channel of this.#open) channel.close();
    this.#open.clear();
  }
}
