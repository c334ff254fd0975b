/**
 * The TCP connections that a library makes for us. A library may forget a connection that it is still making when it
 * is told to close: towards a host that answers nothing the kernel then goes on for two minutes, and the process with it.
 */
export interface Sockets {
  scope(): SocketScope;
  /**
   * Runs `action`. Connections begun by it, or by what follows from it, belong to no scope: for what is told to others,
   * whose own connections must not end with the one that brought the news.
   */
  outside<T>(action: () => T): T;
}

export interface SocketScope {
  /** Runs `action`. Connections begun by it, or by what follows from it, belong to the scope. */
  run<T>(action: () => T): T;
  /** Cuts all connections of the scope, made or being made, also those that would begin later. */
  close(): void;
}
