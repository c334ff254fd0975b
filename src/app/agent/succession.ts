/**
 * Which process is the agent of this host, and how a successor takes its place without a gap.
 *
 *   successor:   preparing --> standing ready -------------------------------> in office
 *   predecessor: in office ------------------ told to stop, leaves all, ends ->|
 *
 * Whoever stands ready goes on with lease, fence and addresses, as an agent does that was brought back after a crash. Three
 * locks tell both how far the other one is: nothing is said that a process which dies could leave unsaid.
 */
import type { SuccessionChance } from '../../core/agent/leaving.ts';
import { addMs } from '../../core/time.ts';
import type { AcquireHostLock, HostLock } from '../../ports/host-lock.ts';
import type { Clock } from '../../ports/clock.ts';
import { pause } from '../pause.ts';

const OFFICE = 'vippool-agent';
/** Held by a successor that could take office now; beside it the memory that it would go on with. */
const READY = 'vippool-agent-successor';
/** Held by an agent that is about to end and may leave all to its successor. */
const LEAVING = 'vippool-agent-leaving';
const LOOK_MS = 5;
/** A controller that is replaced is back before; half of what a kubelet leaves a pod to end. */
const PATIENCE_MS = 15_000;

type Acquired = HostLock & { readonly kind: 'acquired' };

export interface SuccessionPorts {
  readonly acquire: AcquireHostLock;
  readonly clock: Clock;
  /** Names the memory of this process: a successor with another one could not go on with what is left to it. */
  readonly memory: string;
}

export class Succession {
  readonly #ports: SuccessionPorts;
  readonly #readyLock: string;
  #office: Acquired | undefined;
  #ready: Acquired | undefined;

  constructor(ports: SuccessionPorts) {
    this.#ports = ports;
    this.#readyLock = `${READY}-${ports.memory}`;
  }

  /** Takes office. @returns why that is not possible; undefined: done. */
  take(): string | undefined {
    const lock = this.#ports.acquire(OFFICE);
    if (lock.kind === 'refused') return lock.reason;
    this.#office = lock;
    return undefined;
  }

  /**
   * Waits for the office that another process holds, also where that one fails.
   * @param prepared resolves when this process could take office; never: it does so only where the other one fails
   * @param onReady is called when it stands ready
   * @param told resolves when this process is to stop
   * @returns whether it is in office; not where it was told to stop and nobody had left it anything
   */
  async follow(prepared: Promise<void>, onReady: () => void, told: Promise<unknown>): Promise<boolean> {
    let isPrepared = false;
    let isStopping = false;
    void prepared.then(() => (isPrepared = true));
    void told.then(() => {
      isStopping = true;
      this.#standDown();
    });
    for (;;) {
      if (this.take() === undefined) {
        this.#standDown();
        return true;
      }
      // In this order: a predecessor holds LEAVING before it looks whether anybody stands ready.
      if (isStopping && !this.#isTaken(LEAVING)) return false;
      if (isPrepared && !isStopping && !this.#ready && this.#standReady()) onReady();
      await pause(this.#ports.clock, LOOK_MS);
    }
  }

  /**
   * For an agent in office that is to stop. Where a successor stands ready, it waits for a good moment: nobody is in a hurry.
   * @returns whether the successor goes on with what is left, now beyond recall
   */
  async isFollowed(chance: () => SuccessionChance): Promise<boolean> {
    const { clock } = this.#ports;
    const until = addMs(clock.now(), PATIENCE_MS);
    while (this.#isTaken(this.#readyLock)) {
      const found = chance();
      if (found === 'now') return this.#leaveAll();
      if (found === 'never' || clock.now() >= until) return false;
      await pause(clock, LOOK_MS);
    }
    return false;
  }

  #leaveAll(): boolean {
    const leaving = this.#ports.acquire(LEAVING);
    if (leaving.kind === 'refused') return false;
    if (this.#isTaken(this.#readyLock)) return true;
    leaving.release();
    return false;
  }

  /** Lets the successor in, before the process has ended. */
  leave(): void {
    this.#office?.release();
    this.#office = undefined;
  }

  #standReady(): boolean {
    const lock = this.#ports.acquire(this.#readyLock);
    if (lock.kind === 'acquired') this.#ready = lock;
    return lock.kind === 'acquired';
  }

  #standDown(): void {
    this.#ready?.release();
    this.#ready = undefined;
  }

  #isTaken(name: string): boolean {
    const lock = this.#ports.acquire(name);
    if (lock.kind === 'acquired') lock.release();
    return lock.kind === 'refused';
  }
}
