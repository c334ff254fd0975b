import { Channel, type ChannelCredentials, type ChannelOptions, connectivityState } from '@grpc/grpc-js';

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
  readonly #open = new Set<Channel>();

  /** `channelFactoryOverride` of the library's clients. */
  readonly factory = (address: string, credentials: ChannelCredentials, options: ChannelOptions): Channel => {
    const channel = new OwnChannel(address, credentials, options);
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
