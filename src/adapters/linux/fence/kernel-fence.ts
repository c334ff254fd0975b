import { networkInterfaces } from 'node:os';
import type { VipAddress } from '../../../core/ids.ts';
import { OpError } from '../../../core/op-error.ts';
import { addMs, type Monotonic, NEVER } from '../../../core/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Fence, FenceClass, FenceReport } from '../../../ports/fence.ts';
import type { Log } from '../../../ports/log.ts';
import type { Random } from '../../../ports/random.ts';
import { jiffyMs } from '../sys.ts';
import { SysError } from '../sys-error.ts';
import { classKey, WORD_BYTES } from './datagram.ts';
import { FenceKeeper } from './fence-keeper.ts';
import { SET, TABLE } from './fence-table.ts';
import { HeartbeatSocket } from './heartbeat-socket.ts';
import { type FenceTimes, fenceTimes, stepFor } from './ladder.ts';
import { deleteElements, deleteTable } from './nft-message.ts';
import { NftSession, RefusedChange } from './nft-session.ts';
import { loopbackIsDown, obstacleOf, toFenceError } from './obstacle.ts';
import { testTiming } from './self-test.ts';

export interface KernelFenceOptions {
  /** Names of the service interfaces. They need not exist yet. */
  readonly interfaces: readonly string[];
  /** Longest time that `extend` gives a class. */
  readonly leaseMs: number;
  /** UDP port of 127.0.0.1, below 1024, that only this process uses. Default 911. */
  readonly port?: number;
  /** Whether other programs shall be unable to change the table while this process runs (Linux 6.9). Default true. */
  readonly exclusive?: boolean;
}

export interface KernelFenceDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Opens nf_tables. Throws SysError. Default: that of the network namespace of this process. */
  readonly openSession?: () => NftSession;
}

const DEFAULT_PORT = 911;
/** A table that somebody removed while no class is open is missed for no longer than this. */
const CHECK_MS = 100;

interface Running {
  readonly nft: NftSession;
  readonly heartbeat: HeartbeatSocket;
  readonly keeper: FenceKeeper;
  readonly times: FenceTimes;
}

/** What a class was last given. */
interface Grant {
  readonly until: Monotonic;
  /** When the element in the kernel ends at the latest. */
  readonly ends: Monotonic;
}

/**
 * The Fence port on nf_tables, in the network namespace of the process. Classes are extended by datagrams on the
 * loopback interface, which rules of the kernel turn into set elements: no lock, no event, whatever other programs do to
 * nf_tables at that time.
 */
export class KernelFence implements Fence {
  readonly #options: KernelFenceOptions;
  readonly #dependencies: KernelFenceDependencies;
  readonly #grants = new Map<FenceClass, Grant>();
  #running: Running | undefined;
  #cancelCheck: () => void = () => undefined;
  #checkFailed = false;

  constructor(options: KernelFenceOptions, dependencies: KernelFenceDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Throws OpError: Conflict where another process uses the port (a second agent?). */
  start(): FenceReport {
    const { interfaces, leaseMs, port = DEFAULT_PORT, exclusive = true } = this.#options;
    const { clock, log, random, openSession = () => NftSession.open() } = this.#dependencies;
    const opened: { heartbeat?: HeartbeatSocket; nft?: NftSession } = {};
    try {
      const times = fenceTimes(leaseMs, jiffyMs());
      const heartbeat = (opened.heartbeat = HeartbeatSocket.open(port));
      const nft = (opened.nft = openSession());
      if (!isLoopbackUp()) return this.#without(loopbackIsDown(port), opened);
      const word = Buffer.from(random.hex(WORD_BYTES), 'hex');
      const keeper = new FenceKeeper(nft, { times, port, interfaces, exclusive }, word);
      const how = keeper.install();
      heartbeat.speakTo(keeper.word);
      const test = testTiming(nft, heartbeat, clock, times);
      if (test.kind === 'failed') return this.#without(test.reason, opened);
      this.#running = { nft, heartbeat, keeper, times };
      this.#adoptGrants(nft);
      this.#armCheck();
      log.log('info', 'fence is in force', { how, ...times, latenessMs: test.latenessMs });
      return { kind: 'kernel', latenessMs: test.latenessMs, jiffyMs: times.jiffyMs };
    } catch (error) {
      const reason = obstacleOf(error, port);
      if (reason !== undefined) return this.#without(reason, opened);
      closeAll(opened);
      if (error instanceof SysError && error.code === 'EADDRINUSE') {
        const message = `another process uses UDP port ${port} of 127.0.0.1: a second agent, or choose another port for the fence`;
        throw new OpError('Conflict', message, { cause: error });
      }
      throw toFenceError(error, 'installing the fence');
    }
  }

  /** A fence that nobody refreshes, be it of an earlier run, would silence the host. */
  #without(reason: string, opened: Opened): FenceReport {
    try {
      if (opened.nft) removeTable(opened.nft);
    } catch (error) {
      this.#dependencies.log.log('warn', 'fence cannot be removed', { err: error });
    }
    closeAll(opened);
    return { kind: 'none', reason };
  }

  /** Classes that an earlier process opened can be restored as well. */
  #adoptGrants(nft: NftSession): void {
    const now = this.#dependencies.clock.now();
    for (const { key, expiresMs = 0 } of nft.elements(SET.lease)) {
      const ends = addMs(now, expiresMs);
      this.#grants.set(Buffer.from(key).readUInt32LE(0), { until: ends, ends });
    }
  }

  manage(vips: ReadonlyMap<VipAddress, FenceClass>): void {
    const running = this.#running;
    if (!running) return;
    mapped('fencing addresses', () => {
      this.#check(running);
      running.keeper.manage(vips);
    });
  }

  extend(mode: 'refresh' | 'acquire', fenceClass: FenceClass, until: Monotonic): Monotonic {
    const running = this.#running;
    // Without a fence nothing but the caller's own clock ends what it holds.
    if (!running) return until;
    return mapped('extending the fence', () => {
      this.#check(running);
      return this.#extend(running, mode, fenceClass, until);
    });
  }

  #extend(
    { heartbeat, times }: Running,
    mode: 'refresh' | 'acquire',
    fenceClass: FenceClass,
    until: Monotonic,
  ): Monotonic {
    heartbeat.send('guard', fenceClass);
    const now = this.#dependencies.clock.now();
    const step = stepFor(times, until - now);
    if (step === undefined) return NEVER;
    heartbeat.send(mode, fenceClass, step);
    const ends = addMs(now, times.stepsMs[step - 1] ?? 0);
    const grant = this.#grants.get(fenceClass);
    if (mode === 'acquire' || (grant && grant.ends > now)) this.#grants.set(fenceClass, { until, ends });
    // An element may live up to a jiffy less than its timeout.
    return addMs(ends, -times.jiffyMs);
  }

  close(fenceClass?: FenceClass): void {
    const running = this.#running;
    if (!running) return;
    mapped('closing the fence', () => {
      const classes = fenceClass === undefined ? this.#classesIn(running) : [fenceClass];
      for (const each of classes) {
        this.#grants.delete(each);
        closeClass(running, each);
      }
    });
  }

  #classesIn({ nft }: Running): FenceClass[] {
    const alive = nft.elements(SET.lease).map(({ key }) => Buffer.from(key).readUInt32LE(0));
    return [...new Set([...alive, ...this.#grants.keys()])];
  }

  isOpen(fenceClass: FenceClass): boolean {
    return mapped('asking the fence', () => this.#running?.nft.isAlive(SET.lease, fenceClass) ?? false);
  }

  stop(): void {
    this.#cancelCheck();
    this.#grants.clear();
    if (this.#running) closeAll(this.#running);
    this.#running = undefined;
  }

  /** Works without `start` too, for a host that shall be left clean. */
  remove(): void {
    mapped('removing the fence', () => {
      const { openSession = () => NftSession.open() } = this.#dependencies;
      const nft = this.#running?.nft ?? openSession();
      try {
        removeTable(nft);
      } finally {
        if (!this.#running) nft.close();
      }
    });
    this.stop();
  }

  #armCheck(): void {
    this.#cancelCheck = this.#dependencies.clock.after(CHECK_MS, () => {
      if (this.#running) this.#check(this.#running);
      this.#armCheck();
    });
  }

  /** Puts right what others did to the table. Never throws: a class is extended although this fails. */
  #check(running: Running): void {
    const { log, clock } = this.#dependencies;
    try {
      const found = running.keeper.check();
      this.#checkFailed = false;
      if (found === 'intact') return;
      if (found === 'attached') {
        log.log('info', 'fence follows its interfaces');
        return;
      }
      log.log('warn', 'fence was removed by another program; installed it again');
      const now = clock.now();
      for (const [fenceClass, { until, ends }] of this.#grants) {
        if (ends > now) this.#extend(running, 'acquire', fenceClass, until);
      }
    } catch (error) {
      if (!this.#checkFailed) log.log('error', 'fence cannot be checked', { err: error });
      this.#checkFailed = true;
    }
  }
}

interface Opened {
  readonly heartbeat?: HeartbeatSocket;
  readonly nft?: NftSession;
}

function removeTable(nft: NftSession): void {
  if (nft.comment() !== undefined) nft.commit([deleteTable(TABLE)]);
}

/** Interfaces that are down are not listed. */
const isLoopbackUp = (): boolean => networkInterfaces()['lo'] !== undefined;

function closeAll({ heartbeat, nft }: Opened): void {
  heartbeat?.close();
  nft?.close();
}

function closeClass({ nft, heartbeat }: Running, fenceClass: FenceClass): void {
  let failure: unknown;
  try {
    heartbeat.send('close', fenceClass);
  } catch (error) {
    failure = error;
  }
  // The packet path takes no lock, but it may be shut (loopback interface down) or late (a busy host).
  if (!nft.isAlive(SET.lease, fenceClass)) return;
  try {
    nft.commit(deleteElements(TABLE, SET.lease, [{ key: classKey(fenceClass) }]));
  } catch (error) {
    if (!(error instanceof RefusedChange && error.code === 'ENOENT')) throw failure ?? error;
  }
}

function mapped<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toFenceError(error, doing);
  }
}
