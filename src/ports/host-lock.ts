export type HostLock =
  | { readonly kind: 'acquired'; release(): void }
  /** Another process has it; `reason` is for people. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Takes the lock of this name, of which there is one on a host; it is free again when the process ends, however it ends. */
export type AcquireHostLock = (name: string) => HostLock;
