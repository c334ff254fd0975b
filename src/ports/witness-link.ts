import type { NodeName } from '../core/ids.ts';
import type { WitnessMessage } from '../core/witness-messages.ts';

export type WitnessEvent = { readonly kind: 'message'; readonly from: NodeName; readonly message: WitnessMessage };

/** Where an agent answers its peers: one address per network, "host:port". */
export interface WitnessPeer {
  readonly node: NodeName;
  readonly addresses: readonly string[];
}

/** Agents among themselves, over either network. Each question goes to every address of the peer; the first answer counts. */
export interface WitnessLink {
  start(onEvent: (event: WitnessEvent) => void): Promise<void>;
  /** Whom `send` may be asked to reach; connections to peers that are not in the list any more are closed. */
  peers(list: readonly WitnessPeer[]): void;
  /** Never blocks. Dropped where the peer cannot be reached now. */
  send(to: NodeName, message: WitnessMessage): void;
  stop(): Promise<void>;
}
