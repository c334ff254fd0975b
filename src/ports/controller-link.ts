import type { ElectorateMember } from '../core/electorate.ts';
import type { ControllerId } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';

export type ControllerLinkEvent =
  /** A stream is open; the agent must say `hello` on it first. */
  | { readonly kind: 'connected'; readonly controller: ControllerId }
  | { readonly kind: 'message'; readonly controller: ControllerId; readonly message: ControllerMessage }
  | { readonly kind: 'disconnected'; readonly controller: ControllerId };

/** Agent side: one stream to every controller, reconnected for ever with back-off (at most 500 ms). */
export interface ControllerLink {
  start(onEvent: (event: ControllerLinkEvent) => void): Promise<void>;
  /** The whole list of those to whom there shall be a stream from now on; called before `start` as well. */
  connect(controllers: readonly ElectorateMember[]): void;
  /** Never blocks. Dropped where that controller is not connected. */
  send(controller: ControllerId, message: AgentMessage): void;
  /** Lets what was sent before arrive where a controller takes it. No event comes after this was called. */
  stop(): Promise<void>;
}
