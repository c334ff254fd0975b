import type { Check, CheckRun } from '../core/checks.ts';
import type { VipAddress, PoolName } from '../core/ids.ts';

/**
 * Runs checks at their intervals, each by itself: one that hangs is cut off at its timeout and delays no other. A check
 * never has two runs at once.
 */
export interface CheckRunner {
  start(onRun: (run: CheckRun) => void): void;
  /** The full set. A check that did not change goes on undisturbed; a new one is run at once. */
  setChecks(checks: readonly Check[]): void;
  /** Which VIPs of each pool the node holds now: decides who is run (`role`) and what scripts are told. */
  setHeld(held: ReadonlyMap<PoolName, readonly VipAddress[]>): void;
  /** Runs this check now. */
  runNow(pool: PoolName, name: string): void;
  /** Ends every child and watch. */
  stop(): Promise<void>;
}
