/** What many trials say about the end of an agent. Pure. */
import { type BenchRow, median } from '../table.ts';
import { type Bucket, histogram, histogramText } from './histogram.ts';

export type EndSignal = 'SIGKILL' | 'SIGSTOP';

/** What one trial saw, ms from just before the signal; the worst of ARP, IPv4, NDP and IPv6. */
export interface Silence {
  /** So long the signal took at most: an agent with real-time priority takes the processor from whoever ends it. */
  readonly signalMs: number;
  /** The last question that was answered was asked then. */
  readonly answeredForMs: number;
  /** From then on certainly nothing was answered: the next question had been asked, and the last answer read. */
  readonly silentFromMs: number;
}

export type Verdict = 'kept' | 'broken' | 'unseen';

/** The timer that ends a lease belongs to the kernel, which rounds it up to its tick. */
const KERNEL_MS = 5;
const BUCKETS_PER_LEASE = 20;

export const boundMs = (leaseMs: number): number => leaseMs + KERNEL_MS;

/**
 * `unseen`: nobody asked around the bound, since the asking process itself did not get to run, or the signal may have left
 * too late to tell; says nothing. Never said of an answer that came too late, whenever the signal left.
 */
export function verdictOf({ signalMs, answeredForMs, silentFromMs }: Silence, leaseMs: number): Verdict {
  if (answeredForMs - signalMs > boundMs(leaseMs)) return 'broken';
  return silentFromMs <= boundMs(leaseMs) ? 'kept' : 'unseen';
}

/** One entry of `silence` in reports/bench.json. */
export interface SilenceReport {
  readonly profile: string;
  readonly signal: EndSignal;
  readonly leaseMs: number;
  readonly boundMs: number;
  /** Trials that say something. */
  readonly trials: number;
  readonly withinBound: number;
  /** Trials that were repeated, since the asking process, or the one with the signal, did not get to run when it mattered. */
  readonly unseen: number;
  /** Trials that were repeated, since the host did not answer when the signal came. */
  readonly idle: number;
  /** When the host was certainly silent, ms from the signal on. */
  readonly silentFromMs: { readonly median: number; readonly min: number; readonly max: number };
  /** When the last answered question was asked, ms from the signal on, in the worst trial. */
  readonly answeredForMaxMs: number;
  /** Longest time between these two in one trial: what the measurement could not tell. */
  readonly resolutionMs: number;
  /** Of `silentFromMs`. */
  readonly histogram: readonly Bucket[];
}

export interface Trials {
  readonly profile: string;
  readonly signal: EndSignal;
  readonly leaseMs: number;
  /** Without those that were repeated. */
  readonly seen: readonly Silence[];
  readonly unseen: number;
  readonly idle: number;
}

const rounded = (value: number): number => Number(value.toFixed(2));

/** @param trials at least one that was seen. */
export function silenceReport({ profile, signal, leaseMs, seen, unseen, idle }: Trials): SilenceReport {
  const silent = seen.map(({ silentFromMs }) => silentFromMs);
  return {
    profile,
    signal,
    leaseMs,
    boundMs: boundMs(leaseMs),
    trials: seen.length,
    withinBound: seen.filter((one) => verdictOf(one, leaseMs) === 'kept').length,
    unseen,
    idle,
    silentFromMs: {
      median: rounded(median(silent)),
      min: rounded(Math.min(...silent)),
      max: rounded(Math.max(...silent)),
    },
    answeredForMaxMs: rounded(Math.max(...seen.map(({ answeredForMs }) => answeredForMs))),
    resolutionMs: rounded(Math.max(...seen.map((one) => one.silentFromMs - one.answeredForMs))),
    histogram: histogram(silent, leaseMs / BUCKETS_PER_LEASE, boundMs(leaseMs)),
  };
}

/** A headline and the histogram of each. */
export const silenceText = (reports: readonly SilenceReport[]): string =>
  reports
    .map((one) => {
      const { signal, profile, leaseMs, withinBound, trials, unseen, idle } = one;
      const repeated = unseen + idle === 0 ? '' : `, repeated ${unseen + idle}`;
      return (
        `${signal} of the agent, ${profile}, lease ${leaseMs} ms: ` +
        `silent within ${one.boundMs} ms in ${withinBound} of ${trials}${repeated}\n` +
        `${histogramText(one.histogram)}\n       at the latest after ${one.silentFromMs.max} ms, ` +
        `last answer asked for after ${one.answeredForMaxMs} ms`
      );
    })
    .join('\n\n');

export const silenceRow = ({ signal, profile, trials, silentFromMs }: SilenceReport): BenchRow => ({
  name: `silent after ${signal} of the agent, ${profile}`,
  unit: 'ms',
  value: silentFromMs.median,
  runs: trials,
});
