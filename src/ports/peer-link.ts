import type { ElectorateMember } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import type { PeerMessage } from '../core/peer-messages.ts';

export type PeerEvent = { readonly kind: 'message'; readonly from: ControllerId; readonly message: PeerMessage };

/**
 * Controllers among themselves. Like a datagram service: nothing is queued for a peer that is not connected, and a
 * lost message is asked again by core. Malformed messages never get here; nor does one from an id outside the list.
 */
export interface PeerLink {
  start(onEvent: (event: PeerEvent) => void): Promise<void>;
  /** The whole list of those that are talked to from now on; called before `start` as well. */
  connect(controllers: readonly ElectorateMember[]): void;
  /** Never blocks. Dropped where that controller cannot be reached now. */
  send(to: ControllerId, message: PeerMessage): void;
  /** Lets what was sent before leave where the peer takes it. No event comes after this was called. */
  stop(): Promise<void>;
}
