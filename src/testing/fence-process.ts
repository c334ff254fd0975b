/** A process with a KernelFence, driven over standard input and output: it works in the namespace of its process. */
import { KernelFence, type KernelFenceOptions } from '../adapters/linux/fence/kernel-fence.ts';
import { interfaceChains, TABLE } from '../adapters/linux/fence/fence-table.ts';
import { newBaseChain } from '../adapters/linux/fence/nft-message.ts';
import { NftSession, RefusedChange } from '../adapters/linux/fence/nft-session.ts';
import { PacketSockets } from '../adapters/linux/packet-sockets.ts';
import { interfaceIndex } from '../adapters/linux/sys.ts';
import { SysError } from '../adapters/linux/sys-error.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { systemRandom } from '../adapters/system/system-random.ts';
import { type VipAddress, vipAddress } from '../core/ids.ts';
import { addMs, type Monotonic, monotonic } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { FenceClass, FenceReport } from '../ports/fence.ts';
import type { Log } from '../ports/log.ts';
import { serveLines } from './line-process.ts';

/** What the kernel pretends to be without. */
export interface FenceHindrance {
  /** Number of the error that opening nf_tables ends with. */
  readonly openErrno?: number;
  /** It answers a chain at the egress hook as one before Linux 5.16, or without CONFIG_NETFILTER_EGRESS. */
  readonly hasNoEgress?: boolean;
}

export interface FenceStart {
  readonly options: KernelFenceOptions;
  readonly hindrance: FenceHindrance;
}

export interface FenceExtension {
  readonly mode: 'refresh' | 'acquire';
  readonly fenceClass: FenceClass;
  /** From now. */
  readonly forMs: number;
  /** The process stands still for so long when the fence reads the clock. */
  readonly stallMs?: number;
}

export interface FenceCost {
  /** Default "refresh". */
  readonly mode?: 'refresh' | 'acquire';
  readonly fenceClass: FenceClass;
  readonly forMs: number;
  readonly times: number;
}

export interface FenceTrial {
  readonly fenceClass: FenceClass;
  /** How long after its `until` the class was seen alive; negative: before. undefined: never seen alive. */
  readonly lateMs?: number;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms: number): void => void Atomics.wait(sleeper, 0, 0, ms);

let stallMs = 0;
const clock: Clock = {
  ...systemClock,
  now(): Monotonic {
    const ms = stallMs;
    stallMs = 0;
    if (ms > 0) sleep(ms);
    const now = systemClock.now();
    if (ms > 0) sleep(ms);
    return now;
  },
};
const lines: string[] = [];
const log: Log = { log: (level, message) => void lines.push(`${level}: ${message}`), child: () => log };

let fence: KernelFence | undefined;
const started = (): KernelFence => {
  if (!fence) throw new Error('no fence');
  return fence;
};
const untilOf = (forMs: number): Monotonic => addMs(systemClock.now(), forMs);
const timed = (work: () => void): number => {
  const begun = systemClock.now();
  work();
  return systemClock.now() - begun;
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

function withoutEgress(nft: NftSession, { interfaces }: KernelFenceOptions): NftSession {
  const commit = nft.commit.bind(nft);
  const egress = interfaces.flatMap((name) => {
    const chain = interfaceChains(name).at(-1);
    return chain === undefined ? [] : [newBaseChain(TABLE, chain, 'egress', name)];
  });
  nft.commit = (requests) => {
    const refused = requests.findIndex((request) => egress.some((chain) => chain.equals(request)));
    if (refused >= 0) throw new RefusedChange('EOPNOTSUPP', refused);
    commit(requests);
  };
  return nft;
}

serveLines({
  start: ({ options, hindrance: { openErrno, hasNoEgress = false } }: FenceStart): FenceReport => {
    fence = new KernelFence(options, {
      clock,
      log,
      random: systemRandom,
      openSession: () => {
        if (openErrno !== undefined) throw new SysError('socket', openErrno);
        const nft = NftSession.open();
        return hasNoEgress ? withoutEgress(nft, options) : nft;
      },
    });
    return fence.start();
  },
  /** Returns what it took, ms. */
  manage: (vips: Readonly<Record<string, FenceClass>>) => {
    const map = new Map<VipAddress, FenceClass>(Object.entries(vips).map(([vip, each]) => [vipAddress(vip), each]));
    return timed(() => started().manage(map));
  },
  extend: ({ mode, fenceClass, forMs, stallMs: stall = 0 }: FenceExtension) => {
    const until = untilOf(forMs);
    // The check of the table reads no clock, so the stall is where a lease would be looked at.
    stallMs = stall;
    started().extend(mode, fenceClass, until);
    stallMs = 0;
  },
  close: (fenceClass: FenceClass | null) => started().close(fenceClass ?? undefined),
  isOpen: (fenceClass: FenceClass) => started().isOpen(fenceClass),
  stop: () => started().stop(),
  remove: () => started().remove(),
  log: () => lines,
  /** Of the table in the kernel, whoever has made it. */
  comment: () => {
    const nft = NftSession.open();
    const comment = nft.comment();
    nft.close();
    return comment;
  },
  /** Sends frames as they are; answers with the codes of the errors, if any. */
  frames: ({ name, frames }: { name: string; frames: readonly string[] }) => {
    const sockets = new PacketSockets();
    const bytes = frames.map((hex) => Buffer.from(hex, 'hex'));
    const errors = sockets.send(name, interfaceIndex(name) ?? 0, bytes);
    sockets.close();
    return errors;
  },
  /** Keeps the class open as an agent does, until the process ends or stands still. */
  refresh: ({ fenceClass, leaseMs, everyMs }: { fenceClass: FenceClass; leaseMs: number; everyMs: number }) => {
    started().extend('acquire', fenceClass, untilOf(leaseMs));
    setInterval(() => started().extend('refresh', fenceClass, untilOf(leaseMs)), everyMs);
  },
  /** Median cost of extending a class, ms. */
  cost: ({ mode = 'refresh', fenceClass, forMs, times }: FenceCost) =>
    median(Array.from({ length: times }, () => timed(() => started().extend(mode, fenceClass, untilOf(forMs))))),
  /** Opens a class for each of these times from now and watches until all have ended. */
  trials: (forMs: readonly number[]): FenceTrial[] => {
    const open = forMs.map((ms, index) => {
      const until = untilOf(ms);
      started().extend('acquire', index, until);
      return { fenceClass: index, until, aliveAt: undefined as Monotonic | undefined };
    });
    for (let watched = open; watched.length > 0; sleep(0.2)) {
      watched = watched.filter((trial) => {
        const asked = monotonic(systemClock.now());
        const alive = started().isOpen(trial.fenceClass);
        if (alive) trial.aliveAt = asked;
        return alive;
      });
    }
    return open.map(({ fenceClass, until, aliveAt }) => ({
      fenceClass,
      ...(aliveAt !== undefined && { lateMs: aliveAt - until }),
    }));
  },
});
