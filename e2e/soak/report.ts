/** What is made of the runs of a soak. Pure. */
import { table } from '../../bench/table.ts';
import type { TimingProfile } from '../../src/core/timing.ts';

export type SoakLoad = 'idle' | 'busy';

/** One entry of `runs` in reports/soak.json: what happened while nothing was done to the hosts. */
export interface SoakRun {
  readonly profile: TimingProfile;
  readonly load: SoakLoad;
  readonly seconds: number;
  /** Times that a VIP was answered by another host than before. */
  readonly moves: number;
  /** Leases that agents gave up. */
  readonly leaseEnds: number;
  /** Leases that controllers revoked, each by each controller. */
  readonly revocations: number;
  /** Agents that ended and were brought back. */
  readonly restarts: number;
  /** Controllers that became master or stopped being it. */
  readonly masterChanges: number;
  readonly twoHoldersMs: number;
  /** Longest time that a client had no answer from a VIP. */
  readonly worstOutageMs: number;
  /** Upper ends of the histogram's buckets; undefined beyond the last one. */
  readonly worstTimerLatenessMs: number | undefined;
  readonly worstRoundTripMs: number | undefined;
  /** How late the client itself was: an outage shorter than this may have gone unseen. */
  readonly clientLatenessMs: number;
  /** Lines of logs that tell why something happened. */
  readonly log: readonly string[];
}

/** Profiles in which nothing may happen; the others are reported. */
const JUDGED: readonly TimingProfile[] = ['Default', 'Fast', 'Relaxed'];

/** What must not have happened: "Fast busy: 1 moves". */
export function complaints(runs: readonly SoakRun[]): string[] {
  return runs
    .filter(({ profile }) => JUDGED.includes(profile))
    .flatMap((run) => {
      const counted = {
        moves: run.moves,
        'lease ends': run.leaseEnds,
        revocations: run.revocations,
        restarts: run.restarts,
        'changes of master': run.masterChanges,
        'ms of two holders': run.twoHoldersMs,
      };
      const found = Object.entries(counted).filter(([, count]) => count > 0);
      return found.map(([what, count]) => `${run.profile} ${run.load}: ${count} ${what}`);
    });
}

export function soakTable(runs: readonly SoakRun[]): string {
  const head = [
    'PROFILE',
    'LOAD',
    'SECONDS',
    'MOVES',
    'LEASE ENDS',
    'REVOKED',
    'RESTARTS',
    'MASTER CHANGES',
    'TWO HOLDERS ms',
    'WORST OUTAGE ms',
    'HEARTBEAT LATE ms',
    'ROUND TRIP ms',
  ];
  const atMost = (ms: number | undefined): string => (ms === undefined ? 'beyond' : `<= ${ms}`);
  const lines = runs.map((run) => [
    JUDGED.includes(run.profile) ? run.profile : `${run.profile} (not judged)`,
    run.load,
    String(Math.round(run.seconds)),
    String(run.moves),
    String(run.leaseEnds),
    String(run.revocations),
    String(run.restarts),
    String(run.masterChanges),
    run.twoHoldersMs.toFixed(0),
    run.worstOutageMs.toFixed(0),
    atMost(run.worstTimerLatenessMs),
    atMost(run.worstRoundTripMs),
  ]);
  return table([head, ...lines]);
}
