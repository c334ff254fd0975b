import { abstentionMs, promiseMs, revokeAfterMs } from '../../core/timing.ts';
import type { Setup } from './setup.ts';

/**
 * From the last fault until every VIP is held: what was lost is noticed, whoever forgot abstains, a master is voted for
 * or gets the lock, agents connect and renew.
 */
export function recoveryMs({ timing, controllers }: Setup): number {
  const lock = controllers >= 3 ? 0 : 4_500;
  return revokeAfterMs(timing) + abstentionMs(timing) + 2 * promiseMs(timing) + 4 * timing.heartbeatMs + 1_500 + lock;
}
