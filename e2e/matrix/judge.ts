/** From trials to a row of the report. Pure. */
import { type FailoverRow, type Provenance, type Spread, spread } from '../lib/failover-report.ts';
import type { Fault, SystemName } from './fault.ts';
import type { Profile } from './promises.ts';
import type { Trial } from './trial.ts';

/** A row with what was promised. Peers promised nothing, so they have no verdict. */
export interface MatrixRow extends FailoverRow, Provenance {
  /** Longest median outage that is promised, milliseconds; absent where none is. */
  readonly boundMs?: number;
  /** The same for the return. */
  readonly returnBoundMs?: number;
  /** The same for the time until VIPs were home. */
  readonly homeBoundMs?: number;
  /** Runs in which VIPs were without an answer until the fault was healed: those outages would have been longer. */
  readonly unanswered?: number;
  /** What was not kept; empty where everything was. */
  readonly broken?: readonly string[];
  readonly ok?: boolean;
}

export interface Measured {
  readonly system: SystemName;
  readonly profile: Profile;
  readonly fault: Fault;
  /** At least one. */
  readonly trials: readonly Trial[];
  /** Runs that did not come to their end, and why. */
  readonly failures: readonly string[];
}

export function rowOf({ system, profile, fault, trials, failures }: Measured, source: Provenance): MatrixRow {
  const unanswered = trials.filter((trial) => trial.unanswered.length > 0).length;
  const row = {
    system,
    profile,
    fault: fault.name,
    runs: trials.length,
    outageMs: spread(trials.map(({ outageMs }) => outageMs)),
    twoHoldersMs: spread(trials.map(({ twoHoldersMs }) => twoHoldersMs)),
    returnOutageMs: spread(trials.map(({ returnOutageMs }) => returnOutageMs)),
    ...spreadOf('homeMs', trials),
    ...spreadOf('extraMoves', trials),
    ...(unanswered > 0 ? { unanswered } : {}),
  };
  if (system !== 'vippool') return { ...row, ...source };
  const boundMs = fault.promised(profile);
  const homeBoundMs = fault.promisedHome?.(profile);
  const bounds = {
    ...(Number.isFinite(boundMs) ? { boundMs } : {}),
    returnBoundMs: fault.promisedBack(profile),
    ...(homeBoundMs === undefined ? {} : { homeBoundMs }),
  };
  const broken = [...failures, ...brokenPromises({ ...row, ...bounds })];
  return { ...row, ...bounds, ok: broken.length === 0, broken, ...source };
}

/** Safety holds in every run; the time of a bound is judged by the median, since machines are shared. */
function brokenPromises(row: Omit<MatrixRow, keyof Provenance> & { returnBoundMs: number }): string[] {
  const { twoHoldersMs, outageMs, returnOutageMs, homeMs, extraMoves, boundMs, returnBoundMs, homeBoundMs } = row;
  const unanswered = boundMs === undefined ? 0 : (row.unanswered ?? 0);
  const back = returnOutageMs?.median ?? 0;
  return [
    ...(twoHoldersMs.max > 0 ? [`two holders for ${twoHoldersMs.max} ms`] : []),
    ...(boundMs !== undefined && outageMs.median > boundMs
      ? [`outage ${outageMs.median} ms, promised ${boundMs}`]
      : []),
    ...(unanswered > 0 ? [`not answered before the heal in ${unanswered} of ${row.runs} runs`] : []),
    ...(back > returnBoundMs ? [`outage on return ${back} ms, promised ${returnBoundMs}`] : []),
    ...brokenReturn({ homeMs, extraMoves, homeBoundMs }),
  ];
}

/** Each VIP that left comes home in time, once. */
function brokenReturn({
  homeMs,
  extraMoves,
  homeBoundMs,
}: {
  readonly homeMs: Spread | undefined;
  readonly extraMoves: Spread | undefined;
  readonly homeBoundMs: number | undefined;
}): string[] {
  const late = homeBoundMs !== undefined && (homeMs?.median ?? Number.POSITIVE_INFINITY) > homeBoundMs;
  const strays = Math.max(extraMoves?.max ?? 0, -(extraMoves?.min ?? 0));
  return [
    ...(late ? [homeMs ? `home after ${homeMs.median} ms, promised ${homeBoundMs}` : 'not home in any run'] : []),
    ...(strays > 0 ? [`${strays} moves more or less than there and back`] : []),
  ];
}

/** Nothing where no trial has it. */
function spreadOf<K extends 'homeMs' | 'extraMoves'>(
  key: K,
  trials: readonly Trial[],
): { readonly [key in K]?: Spread } {
  const values = trials.flatMap((trial) => trial[key] ?? []);
  return values.length === 0 ? {} : ({ [key]: spread(values) } as { readonly [key in K]?: Spread });
}
