import type { VipAddress } from '../core/ids.ts';
import type { Monotonic } from '../core/time.ts';

/**
 * A group of VIPs that is answered for under one right: 0 is the node lease; each pool with its own rule for a lost
 * quorum has a number of its own (1 to 65535).
 */
export type FenceClass = number;

export type FenceReport =
  /** The kernel makes the host silent by itself. `latenessMs`: the worst that the self-test saw beyond a deadline. */
  | { readonly kind: 'kernel'; readonly latenessMs: number; readonly jiffyMs: number }
  /** Only lifetimes and the supervisor protect: `reason` says what is missing. */
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Kernel state that makes the host silent for a VIP - ARP, NDP, IPv4, IPv6, in and out - unless the element of its
 * class is alive, whatever this process does. Every call is synchronous and complete when it returns. Throws OpError.
 */
export interface Fence {
  /**
   * Installs the fence, or takes over the one that a previous run of this host left, without an unfenced instant and
   * without ending its elements; then tests the kernel's timing.
   */
  start(): FenceReport;
  /** Exactly these VIPs are fenced from now on, each with its class. One atomic change, nothing where nothing changes. */
  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void;
  /**
   * Lets the class answer until `until` at the latest. Sets the guard element, then reads the clock, then sends the
   * datagram, so that a freeze anywhere in between has no effect. `refresh` extends only a class that is alive;
   * `acquire` opens it. Nothing happens where `until` is nearer than the smallest step.
   *
   * @returns the instant until which the class answers for certain when the datagram was obeyed; NEVER where none was
   *   sent, `until` where there is no fence in the kernel
   */
  extend(mode: 'refresh' | 'acquire', fenceClass: FenceClass, until: Monotonic): Monotonic;
  /** Silent at once: ends the elements of all classes, or of this one. */
  close(fenceClass?: FenceClass): void;
  /** Whether the class is alive, as the kernel sees it. For restarts and tests, not for the hot path. */
  isOpen(fenceClass: FenceClass): boolean;
  /** Ends what this process holds; the fence stays in the kernel, and its elements run out by themselves. */
  stop(): void;
  /** Removes the fence from the kernel: nothing of ours is on the host any more. */
  remove(): void;
}
