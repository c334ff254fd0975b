/**
 * Timeouts that the rules of the fence offer. Each is a whole number of jiffies, because the kernel counts an element's
 * life in these.
 */
export interface FenceTimes {
  readonly jiffyMs: number;
  /** Life of a guard element: the longest pause between setting it and the datagram that it lets through. */
  readonly guardMs: number;
  /** Ascending, at most STEPS, the largest not above the lease. The step of a datagram is 1 + its index. */
  readonly stepsMs: readonly number[];
}

const STEPS = 20;
const MAX_GUARD_MS = 20;
/** An element lives up to a jiffy less than its timeout, so one jiffy could be over at once. */
const MIN_GUARD_JIFFIES = 2;

/** @param leaseMs the longest time from a datagram to the end of its class. @param jiffyMs tick of the kernel. */
export function fenceTimes(leaseMs: number, jiffyMs: number): FenceTimes {
  const whole = (ms: number): number => Math.floor(ms / jiffyMs + 1e-9) * jiffyMs;
  const guardMs = Math.max(MIN_GUARD_JIFFIES * jiffyMs, whole(Math.min(MAX_GUARD_MS, leaseMs / 10)));
  const steps = Array.from({ length: STEPS }, (_, index) => whole(((index + 1) * leaseMs) / STEPS));
  return { jiffyMs, guardMs, stepsMs: [...new Set(steps)].filter((ms) => ms > 0) };
}

/**
 * The largest step that ends in time although its datagram may arrive a guard's life from now; undefined where even the
 * smallest does not.
 */
export function stepFor(times: FenceTimes, remainingMs: number): number | undefined {
  const limitMs = remainingMs - times.guardMs - times.jiffyMs;
  const index = times.stepsMs.findLastIndex((ms) => ms <= limitMs);
  return index < 0 ? undefined : index + 1;
}
