/** From the runs of one check to its verdict. */
import type { CheckState } from '../check-state.ts';
import { type Check, isRunIn, type ProbeOutcome } from '../checks.ts';
import { cut } from '../cut.ts';
import { addMs, type Monotonic } from '../time.ts';

/** Of the output of a run. */
const MAX_OUTPUT = 200;
/** A busy host may be late by that much, however short the interval is. */
const MIN_STALE_MARGIN_MS = 1_000;

export interface CheckTrack {
  readonly check: Check;
  readonly verdict: CheckState['state'];
  /** Start of the verdict. */
  readonly since: Monotonic;
  /** Runs of one kind in a row: good ones above 0, failed ones below. */
  readonly streak: number;
  /** Of the newest run. */
  readonly output: string;
  readonly durationMs: number;
  /** End of the newest run; before it, when it began to be awaited. */
  readonly heardAt: Monotonic;
}

/** A check of which nothing is known yet. */
export const newTrack = (check: Check, now: Monotonic): CheckTrack => ({
  check,
  verdict: 'Pending',
  since: now,
  streak: 0,
  output: '',
  durationMs: 0,
  heardAt: now,
});

/** The check after one run. @param rise so many good runs in a row make a failed one well again */
export function afterRun(
  track: CheckTrack,
  run: ProbeOutcome & { readonly durationMs: number },
  now: Monotonic,
  rise = track.check.rise,
): CheckTrack {
  if (track.verdict === 'Idle') return track;
  const { fall } = track.check;
  const streak = run.ok ? Math.max(track.streak, 0) + 1 : Math.min(track.streak, 0) - (run.certain ? fall : 1);
  const verdict = run.ok ? afterGood(track.verdict, streak, rise) : afterBad(track.verdict, -streak, fall);
  return {
    ...judged(track, verdict, now),
    streak,
    output: cut(run.output, MAX_OUTPUT),
    durationMs: run.durationMs,
    heardAt: now,
  };
}

/** The first good run of a new check settles it; whoever has failed has to prove itself. */
const afterGood = (verdict: CheckTrack['verdict'], good: number, rise: number): CheckTrack['verdict'] =>
  verdict === 'Pending' || good >= rise ? 'Passing' : verdict;

/** What is not well anyway needs no second look. */
const afterBad = (verdict: CheckTrack['verdict'], bad: number, fall: number): CheckTrack['verdict'] =>
  verdict === 'Unknown' || bad >= fall ? 'Failing' : verdict;

/** The check after a look that settles it by itself. */
export function afterLook(track: CheckTrack, look: Pick<ProbeOutcome, 'ok' | 'output'>, now: Monotonic): CheckTrack {
  if (track.verdict === 'Idle') return track;
  const verdict = look.ok ? 'Passing' : 'Failing';
  if (track.verdict === verdict && track.output === look.output) return track;
  return { ...judged(track, verdict, now), output: look.output, heardAt: now };
}

const judged = (track: CheckTrack, verdict: CheckTrack['verdict'], now: Monotonic): CheckTrack =>
  verdict === track.verdict ? track : { ...track, verdict, since: now };

/** In the role that the node has now. @param holds whether it holds VIPs of the pool */
export function inRole(track: CheckTrack, holds: boolean, now: Monotonic): CheckTrack {
  const runs = isRunIn(track.check, holds);
  if (runs !== (track.verdict === 'Idle')) return track;
  return runs ? newTrack(track.check, now) : { ...newTrack(track.check, now), verdict: 'Idle' };
}

/** The declaration has changed, maybe. What was found stays as long as it was found by looking at the same thing. */
export function redeclared(track: CheckTrack, check: Check, now: Monotonic): CheckTrack {
  if (JSON.stringify(track.check) === JSON.stringify(check)) return track;
  const same = JSON.stringify(track.check.probe) === JSON.stringify(check.probe) && track.check.role === check.role;
  return same ? { ...track, check, heardAt: now } : newTrack(check, now);
}

/** From when on nothing is known of the check any more, should nothing be heard of it. */
export function staleAt({ check, verdict, streak, heardAt }: CheckTrack): Monotonic {
  const isForgotten = verdict === 'Idle' || (verdict === 'Unknown' && streak === 0);
  // Links are followed by events.
  if (isForgotten || check.probe.type === 'interface') return Number.POSITIVE_INFINITY as Monotonic;
  const marginMs = Math.max(check.intervalMs, MIN_STALE_MARGIN_MS);
  return addMs(heardAt, check.intervalMs * check.fall + check.timeoutMs + marginMs);
}

/** Quiet is never healthy, and good runs before it are none in a row with those after it. */
export const afterSilence = (track: CheckTrack, now: Monotonic): CheckTrack =>
  now < staleAt(track) ? track : { ...judged(track, 'Unknown', now), streak: 0 };
