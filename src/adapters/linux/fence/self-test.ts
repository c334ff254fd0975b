import type { Clock } from '../../../ports/clock.ts';
import { SET } from './fence-table.ts';
import type { HeartbeatSocket } from './heartbeat-socket.ts';
import type { FenceTimes } from './ladder.ts';
import type { NftSession } from './nft-session.ts';

/** Beyond the classes of the port, so that no address has it. */
const TEST_CLASS = 0x1_0000;
const ROUNDS = 3;
/** A round in which this process had to wait for the processor says nothing and is repeated. */
const MAX_ROUNDS = 12;
const MAX_LATE_JIFFIES = 2;
const PAUSE_MS = 0.5;

export type SelfTest =
  { readonly kind: 'passed'; readonly latenessMs: number } | { readonly kind: 'failed'; readonly reason: string };

/** What one guard did. Times of the caller's clock, ms. */
export interface Watched {
  readonly sentAt: number;
  /** It was in the kernel by then. */
  readonly setBy: number;
  /** It was still there then, whatever delayed this process afterwards. */
  readonly lastAlive: number;
}

/**
 * Lets elements run out and watches when the kernel ends them. They are guards of a class without addresses, so nothing
 * that is in force notices. Takes as long as three guards live, up to 60 ms; more on a busy host.
 */
export function testTiming(nft: NftSession, heartbeat: HeartbeatSocket, clock: Clock, times: FenceTimes): SelfTest {
  return judge(times, () => {
    const sentAt = clock.now();
    heartbeat.send('guard', TEST_CLASS);
    return watch(nft, clock, sentAt, times);
  });
}

/** @param round watches one guard; undefined where it was never seen. */
export function judge(times: FenceTimes, round: () => Watched | undefined): SelfTest {
  const { guardMs, jiffyMs } = times;
  const maxLateMs = MAX_LATE_JIFFIES * jiffyMs;
  const lateness: number[] = [];
  let disturbedMs = 0;
  for (let rounds = 0; rounds < MAX_ROUNDS && lateness.length < ROUNDS; rounds++) {
    const watched = round();
    if (watched === undefined) continue;
    const { sentAt, setBy, lastAlive } = watched;
    const lateMs = lastAlive - sentAt - guardMs;
    if (lateMs <= maxLateMs) lateness.push(Math.max(0, lateMs));
    else if (lastAlive - setBy - guardMs > maxLateMs) return tooLate(times, lateMs, maxLateMs);
    else disturbedMs = Math.max(disturbedMs, setBy - sentAt);
  }
  if (lateness.length > 0) return { kind: 'passed', latenessMs: Math.max(...lateness) };
  return { kind: 'failed', reason: disturbedMs > 0 ? tooBusy(disturbedMs) : UNREACHED };
}

const tooLate = ({ guardMs }: FenceTimes, lateMs: number, maxLateMs: number): SelfTest => ({
  kind: 'failed',
  reason: `the kernel keeps elements longer than their timeout of ${guardMs} ms: by ${Math.round(lateMs)} ms, where ${maxLateMs} ms are acceptable; its tick is not regular`,
});

const tooBusy = (ms: number): string =>
  `the timing of the kernel cannot be measured: each time this process had to wait for the processor, up to ${Math.round(ms)} ms`;

const UNREACHED =
  'packets on the loopback interface do not reach the rules of the fence: does another program drop or redirect them (XDP, tc)?';

function watch(nft: NftSession, clock: Clock, sentAt: number, { guardMs, jiffyMs }: FenceTimes): Watched | undefined {
  const watchMs = guardMs + (MAX_LATE_JIFFIES + 1) * jiffyMs;
  let seen: Watched | undefined;
  for (let until = sentAt + watchMs; ; pause()) {
    const asked = clock.now();
    const alive = nft.isAlive(SET.guard, TEST_CLASS);
    if (!alive && seen) return seen;
    if (alive && !seen) {
      seen = { sentAt, setBy: clock.now(), lastAlive: asked };
      until = seen.setBy + watchMs;
    } else if (alive && seen) seen = { ...seen, lastAlive: asked };
    if (asked > until) return seen;
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Gives the processor away: the answer is wanted before this call returns. */
const pause = (): void => void Atomics.wait(sleeper, 0, 0, PAUSE_MS);
