import { isDeepStrictEqual } from 'node:util';
import type { Check, CheckRun } from '../../core/checks.ts';
import type { PoolName, VipAddress } from '../../core/ids.ts';
import type { Probe, ProbeContext, Probes } from '../../ports/check-probe.ts';
import type { CheckRunner } from '../../ports/check-runner.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import { CheckLoop } from './check-loop.ts';
import { HungRuns } from './hung-runs.ts';

/** Checks that come together start so far apart: 200 of them within a second. */
const SPREAD_MS = 5;
/** Longer than any child takes to be killed. */
const JOIN_MS = 2_000;

export interface CheckRunnerDependencies {
  readonly probes: Probes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Name of this node. */
  readonly node: string;
}

/**
 * Runs every check in a loop of its own. Checks of the type `interface` are nobody's here: the agent sees its links.
 * Once stopped it does not start again.
 */
export class ScheduledCheckRunner implements CheckRunner {
  readonly #dependencies: CheckRunnerDependencies;
  readonly #hung = new HungRuns();
  readonly #loops = new Map<string, CheckLoop>();
  /** Runs of loops that were stopped, by check. */
  readonly #ending = new Map<string, Promise<void>>();
  #checks: readonly Check[] = [];
  #held: ReadonlyMap<PoolName, readonly VipAddress[]> = new Map();
  #onRun: ((run: CheckRun) => void) | undefined;

  constructor(dependencies: CheckRunnerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Runs that hang for good and that nobody waits for any more. */
  get abandoned(): number {
    return this.#hung.count;
  }

  start(onRun: (run: CheckRun) => void): void {
    this.#onRun = onRun;
    this.#reconcile();
  }

  setChecks(checks: readonly Check[]): void {
    this.#checks = checks;
    this.#reconcile();
  }

  setHeld(held: ReadonlyMap<PoolName, readonly VipAddress[]>): void {
    this.#held = new Map(held);
    this.#reconcile();
  }

  runNow(pool: PoolName, name: string): void {
    this.#loops.get(keyOf(pool, name))?.request();
  }

  async stop(): Promise<void> {
    this.#onRun = undefined;
    this.#checks = [];
    for (const [key, loop] of this.#loops) this.#end(key, loop);
    await this.#joined([...this.#ending.values()]);
  }

  #reconcile(): void {
    const onRun = this.#onRun;
    if (onRun === undefined) return;
    const wanted = new Map(
      this.#checks.filter((check) => this.#applies(check)).map((check) => [keyOf(check.pool, check.name), check]),
    );
    for (const [key, loop] of this.#loops) {
      if (!isDeepStrictEqual(wanted.get(key), loop.check)) this.#end(key, loop);
    }
    let delayMs = 0;
    for (const [key, check] of wanted) {
      if (this.#loops.has(key)) continue;
      const loop = new CheckLoop(check, this.#probeOf(check), () => this.#contextOf(check), onRun, {
        ...this.#dependencies,
        hung: this.#hung,
      });
      this.#loops.set(key, loop);
      const earlier = this.#ending.get(key);
      loop.start(Math.min(delayMs, check.intervalMs), earlier && this.#joined([earlier]));
      delayMs += SPREAD_MS;
    }
  }

  #applies({ pool, role, probe }: Check): boolean {
    return probe.type !== 'interface' && (role === 'Any' || role === this.#roleIn(pool));
  }

  #roleIn(pool: PoolName): 'Holder' | 'Standby' {
    return (this.#held.get(pool)?.length ?? 0) > 0 ? 'Holder' : 'Standby';
  }

  #probeOf({ probe: { type } }: Check): Probe {
    if (type === 'interface') throw new Error('an interface check has no probe');
    return this.#dependencies.probes[type];
  }

  #contextOf({ pool, name, timeoutMs }: Check): ProbeContext {
    const vips = this.#held.get(pool) ?? [];
    return { node: this.#dependencies.node, pool, check: name, role: this.#roleIn(pool), vips, timeoutMs };
  }

  #end(key: string, loop: CheckLoop): void {
    this.#loops.delete(key);
    const earlier = this.#ending.get(key);
    const ended = Promise.all([earlier, loop.stop()]).then(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
  }

  /** Until all have ended, or hang. */
  async #joined(endings: readonly Promise<void>[]): Promise<void> {
    if (endings.length === 0) return;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (cancel = this.#dependencies.clock.after(JOIN_MS, resolve)));
    await Promise.race([Promise.all(endings), late]);
    cancel();
  }
}

const keyOf = (pool: PoolName, name: string): string => `${pool}/${name}`;
