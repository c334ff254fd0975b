/** The runner of checks on one simulated host: what each run finds is decided by the faults of its pool. */
import type { AgentEvent } from '../../core/agent/agent-state.ts';
import type { Check } from '../../core/checks.ts';
import type { PoolName, VipAddress } from '../../core/ids.ts';
import { CheckTally } from './check-tally.ts';
import type { LocalClock } from './local-clock.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/** A run takes at most so long. */
const RUN_MS = 20;
/** The check that finds out whether a host has the role. */
export const ROLE_CHECK = 'role';
/** So does a repair. */
const REPAIR_MS = 600;

export type Ailment =
  /** Runs fail. */
  | 'failing'
  /** As above, and its begin is noticed at once. */
  | 'ended'
  /** Runs never end. */
  | 'hanging';

/** What is wrong with the services of a host, whatever becomes of its agent. */
export class Services {
  readonly #ailing = new Map<string, Map<symbol, Ailment>>();

  /** The result makes it well again, unless a repair did. */
  strike(pool: string, ailment: Ailment): () => void {
    const token = Symbol(ailment);
    const ailments = this.#ailing.get(pool) ?? new Map<symbol, Ailment>();
    this.#ailing.set(pool, ailments.set(token, ailment));
    return () => void ailments.delete(token);
  }

  isIll(pool: string): boolean {
    return (this.#ailing.get(pool)?.size ?? 0) > 0;
  }

  hangs(pool: string): boolean {
    return [...(this.#ailing.get(pool)?.values() ?? [])].includes('hanging');
  }

  /** Pools of which this host has the role that they follow. */
  readonly roles = new Set<string>();

  repair(pool: string): void {
    this.#ailing.get(pool)?.clear();
  }
}

export interface SimChecksHost {
  readonly timeline: Timeline;
  readonly clock: LocalClock;
  readonly random: SeededRandom;
  readonly services: Services;
  readonly whenRunning: (run: () => void) => void;
  readonly step: (event: AgentEvent) => void;
}

interface Loop {
  readonly check: Check;
  readonly text: string;
  readonly tally: CheckTally;
}

/** Lives as long as the agent process; what it plans for an ended one does nothing. */
export class SimChecks {
  readonly #host: SimChecksHost;
  readonly #loops = new Map<string, Loop>();
  #checks: readonly Check[] = [];
  #held: ReadonlyMap<PoolName, readonly VipAddress[]> = new Map();

  constructor(host: SimChecksHost) {
    this.#host = host;
  }

  setChecks(checks: readonly Check[]): void {
    this.#checks = checks;
    this.#reconcile();
  }

  setHeld(held: ReadonlyMap<PoolName, readonly VipAddress[]>): void {
    this.#held = held;
    this.#reconcile();
  }

  /** The checks of a pool that are run here now. */
  tallies(pool: string): CheckTally[] {
    const tallies: CheckTally[] = [];
    for (const { check, tally } of this.#loops.values()) if (check.pool === pool) tallies.push(tally);
    return tallies;
  }

  runNow(pool: PoolName, name: string): void {
    const loop = this.#loops.get(`${pool}/${name}`);
    if (loop) this.#look(loop.check, false);
  }

  /** Something that needs no second look has happened to the services of a pool. */
  ended(pool: string): void {
    for (const { check } of this.#loops.values()) if (check.pool === pool) this.#look(check, true);
  }

  repair({ pool, number }: { readonly pool: PoolName; readonly number: number }): void {
    const { random, services } = this.#host;
    const helps = random.chance(0.5);
    const ok = helps || random.chance(0.5);
    this.#later(random.fraction() * REPAIR_MS, () => {
      if (helps) services.repair(pool);
      this.#host.step({ kind: 'repaired', pool, number, ok, output: helps ? 'mended' : 'of no use' });
    });
  }

  stop(): void {
    this.#checks = [];
    this.#loops.clear();
  }

  #reconcile(): void {
    const wanted = this.#checks.filter(
      ({ pool, role, probe }) =>
        probe.type !== 'interface' && (role === 'Any' || (role === 'Holder') === this.#held.has(pool)),
    );
    const texts = new Map(wanted.map((check) => [`${check.pool}/${check.name}`, JSON.stringify(check)]));
    for (const [key, { text }] of this.#loops) if (texts.get(key) !== text) this.#loops.delete(key);
    for (const check of wanted) {
      const key = `${check.pool}/${check.name}`;
      if (this.#loops.has(key)) continue;
      const tally = new CheckTally(check, this.#host.clock.now());
      const loop = { check, text: texts.get(key) ?? '', tally };
      this.#loops.set(key, loop);
      this.#turn(key, loop);
    }
  }

  #turn(key: string, loop: { readonly check: Check }): void {
    if (this.#loops.get(key) !== loop) return;
    this.#look(loop.check, false);
    this.#later(loop.check.intervalMs, () => this.#turn(key, loop));
  }

  #look(check: Check, certain: boolean): void {
    const { random, services } = this.#host;
    const { pool, name } = check;
    if (services.hangs(pool) && name !== ROLE_CHECK) return;
    const durationMs = random.fraction() * RUN_MS;
    const ok = name === ROLE_CHECK ? services.roles.has(pool) : !services.isIll(pool);
    const loop = this.#loops.get(`${pool}/${name}`);
    this.#later(durationMs, () => {
      if (this.#loops.get(`${pool}/${name}`) !== loop) return;
      const output = ok ? 'well' : 'ill';
      loop?.tally.add(ok, certain && !ok, this.#host.clock.now());
      this.#host.step({ kind: 'check-run', run: { pool, name, ok, certain: certain && !ok, durationMs, output } });
    });
  }

  /** By the clock of the host; while the process is frozen it waits. */
  #later(ms: number, run: () => void): void {
    const { timeline, clock, whenRunning } = this.#host;
    timeline.plan(timeline.now + ms / clock.rate, () => whenRunning(run));
  }
}
