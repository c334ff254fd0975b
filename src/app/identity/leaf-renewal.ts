import { isGood, RenewalPlan } from '../../core/certificates/renewal.ts';
import type { LeafSource } from '../../ports/identity-service.ts';
import type { LeafFiles } from '../../ports/leaf-files.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import { errorText } from '../../core/error-text.ts';

export interface LeafRenewalPorts {
  readonly files: LeafFiles;
  readonly source: LeafSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Wall clocks are set, and authorities change: nobody sleeps longer. */
const LOOK_MS = 30_000;
const MIN_MS = 100;

/** Keeps the certificate of this process good, for as long as there is somebody to renew it. */
export class LeafRenewal {
  readonly #ports: LeafRenewalPorts;
  readonly #plan: RenewalPlan;
  #cancel: () => void = () => undefined;
  #stopped = false;
  #told: string | undefined;

  constructor(ports: LeafRenewalPorts) {
    this.#ports = ports;
    this.#plan = new RenewalPlan(ports.random.fraction());
  }

  /**
   * Resolves when there is a certificate with which connections can be made, or when it was stopped: at once where there
   * is a good one, however old, since a process that is brought back has no time to lose.
   */
  async start(): Promise<void> {
    if (isGood(await this.#ports.files.term(), this.#now())) return this.#arm(0);
    while (!(await this.#renew())) {
      await this.#pause(this.#plan.dueInMs(undefined, this.#now()));
      if (this.#stopped) return;
    }
    this.#arm(LOOK_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.after(ms, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }

  #arm(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#ports.clock.after(ms, () => {
      void this.#look().then((waitMs) => this.#arm(waitMs));
    });
  }

  /** Renews what is due. Returns in how many ms to look again. */
  async #look(): Promise<number> {
    const leaf = await this.#ports.files.term();
    if (this.#plan.dueInMs(leaf, this.#now()) === 0) await this.#renew();
    return Math.min(LOOK_MS, Math.max(MIN_MS, this.#plan.dueInMs(await this.#ports.files.term(), this.#now())));
  }

  /** Whether it was. */
  async #renew(): Promise<boolean> {
    const { files, source, random, log } = this.#ports;
    try {
      const pair = await source.obtain();
      if (this.#stopped) return false;
      await files.write(pair);
      this.#plan.succeeded();
      this.#told = undefined;
      const until = new Date((await files.term())?.untilMs ?? 0);
      log.log('info', 'certificate was obtained', { until: until.toISOString() });
      return true;
    } catch (error) {
      const leaf = await files.term();
      this.#plan.failed(leaf, this.#now(), random.fraction());
      this.#tell(errorText(error), isGood(leaf, this.#now()));
      return false;
    }
  }

  #now(): number {
    return this.#ports.clock.wallNow().getTime();
  }

  /** Once for the same reason. */
  #tell(reason: string, isGoodYet: boolean): void {
    if (reason === this.#told) return;
    this.#told = reason;
    const goesOn = isGoodYet ? 'going on with the one before' : 'there is none yet';
    this.#ports.log.log('warn', `no new certificate could be obtained; ${goesOn}`, { reason });
  }
}
