import { type Check, checkName, type CheckRun } from '../core/checks.ts';
import { type PoolName, poolName, type VipAddress } from '../core/ids.ts';
import type { CheckRunner } from '../ports/check-runner.ts';

/** A runner whose runs are what a test says. */
export class FakeCheckRunner implements CheckRunner {
  checks: readonly Check[] = [];
  held: ReadonlyMap<PoolName, readonly VipAddress[]> = new Map();
  /** Checks that were asked for out of turn, "pool/name". */
  readonly asked: string[] = [];
  isStopped = false;
  #onRun: (run: CheckRun) => void = () => undefined;

  start(onRun: (run: CheckRun) => void): void {
    this.#onRun = onRun;
  }

  setChecks(checks: readonly Check[]): void {
    this.checks = checks;
  }

  setHeld(held: ReadonlyMap<PoolName, readonly VipAddress[]>): void {
    this.held = held;
  }

  runNow(pool: PoolName, name: string): void {
    this.asked.push(`${pool}/${name}`);
  }

  stop(): Promise<void> {
    this.isStopped = true;
    return Promise.resolve();
  }

  /** A run of a check of pool "nas" has ended. */
  ran(name: string, ok: boolean, over: Partial<CheckRun> = {}): void {
    const run = { pool: poolName('nas'), name: checkName(name), ok, output: ok ? 'fine' : 'broken', certain: false };
    this.#onRun({ ...run, durationMs: 5, ...over });
  }
}
