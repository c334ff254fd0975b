import type { Clock } from '../../../ports/clock.ts';
import { SET } from './fence-table.ts';
import type { HeartbeatSocket } from './heartbeat-socket.ts';
import type { FenceTimes } from './ladder.ts';
import type { NftSession } from './nft-session.ts';

/** Beyond the classes of the port, so that no address has it. */
const TEST_CLASS = 0x1_0000;
const ROUNDS = 3;
const MAX_LATE_JIFFIES = 2;
const PAUSE_MS = 0.5;

export type SelfTest =
  { readonly kind: 'passed'; readonly latenessMs: number } | { readonly kind: 'failed'; readonly reason: string };

/**
 * Lets elements run out and watches when the kernel ends them. They are guards of a class without addresses, so nothing
 * that is in force notices. Takes as long as three guards live, up to 60 ms.
 */
export function testTiming(nft: NftSession, heartbeat: HeartbeatSocket, clock: Clock, times: FenceTimes): SelfTest {
  const maxLateMs = MAX_LATE_JIFFIES * times.jiffyMs;
  const lateness: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const deadline = clock.now() + times.guardMs;
    heartbeat.send('guard', TEST_CLASS);
    const lastAlive = watch(nft, clock, deadline + maxLateMs + times.jiffyMs);
    if (lastAlive === undefined) continue;
    const lateMs = lastAlive - deadline;
    if (lateMs > maxLateMs) {
      return {
        kind: 'failed',
        reason: `the kernel keeps elements longer than their timeout of ${times.guardMs} ms: by ${Math.round(lateMs)} ms, where ${maxLateMs} ms are acceptable; its tick is not regular`,
      };
    }
    lateness.push(Math.max(0, lateMs));
  }
  if (lateness.length > 0) return { kind: 'passed', latenessMs: Math.max(...lateness) };
  return {
    kind: 'failed',
    reason:
      'packets on the loopback interface do not reach the rules of the fence: does another program drop or redirect them (XDP, tc)?',
  };
}

/** When the guard was last seen alive: at that time at the earliest, whatever delayed this process afterwards. */
function watch(nft: NftSession, clock: Clock, until: number): number | undefined {
  let lastAlive: number | undefined;
  for (;;) {
    const asked = clock.now();
    if (nft.isAlive(SET.guard, TEST_CLASS)) lastAlive = asked;
    else if (lastAlive !== undefined) return lastAlive;
    if (asked > until) return lastAlive;
    pause();
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Gives the processor away: the answer is wanted before this call returns. */
const pause = (): void => void Atomics.wait(sleeper, 0, 0, PAUSE_MS);
