import type { AgentMessage, ControllerMessage } from '../core/messages.ts';

/** One stream of one agent; a reconnect is another session. */
export type SessionId = number & { readonly __brand: 'SessionId' };

export type AgentServerEvent =
  /** The first message of a session is always `hello`; the adapter closes a session that begins otherwise. */
  | { readonly kind: 'message'; readonly session: SessionId; readonly message: AgentMessage }
  | { readonly kind: 'closed'; readonly session: SessionId };

/** Controller side of the agents' streams. Malformed messages never get here: the adapter counts and refuses them. */
export interface AgentServer {
  start(onEvent: (event: AgentServerEvent) => void): Promise<void>;
  /**
   * Never blocks. A message to a session that has gone is dropped. Under back-pressure only the newest assignment of
   * a session is kept, since it is the whole truth.
   */
  send(session: SessionId, message: ControllerMessage): void;
  stop(): Promise<void>;
}
