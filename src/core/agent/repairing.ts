/**
 * Before the VIPs of a pool leave a node whose checks have failed, a program of the node may mend it. While that is
 * tried the checks are reported as `repairing`, and the VIPs stay. What has to be mended again and again is ill: attempts
 * count for a while, whether they helped or not.
 */
import type { CheckName, CheckRun } from '../checks.ts';
import type { PoolName } from '../ids.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import type { CheckTrack } from './check-track.ts';
import type { HealthState } from './health-state.ts';

/** Whoever runs the command needs no longer than that to end it at its deadline. */
const ANSWER_SLACK_MS = 2_000;

export interface RepairTrack {
  /** Of the command run; tells its answer from that of an earlier one. */
  readonly number: number;
  /** Whose failure began it. */
  readonly check: CheckName;
  readonly attempt: number;
  /** `awaiting`: the command was good, and the checks have to say so. */
  readonly phase: 'running' | 'awaiting';
  /** Start of the phase. */
  readonly since: Monotonic;
  readonly until: Monotonic;
}

/** The checks that would take the VIPs of the pool away. */
const failing = ({ checks }: HealthState, pool: PoolName): CheckTrack[] =>
  [...checks.values()].filter(
    ({ check, verdict }) => check.pool === pool && check.severity === 'Fail' && verdict === 'Failing',
  );

export const isRepairing = ({ repairs }: HealthState, { check, verdict }: CheckTrack): boolean =>
  check.severity === 'Fail' && verdict === 'Failing' && repairs.has(check.pool);

const withRepair = (state: AgentState, pool: PoolName, repair: RepairTrack | undefined): AgentState => {
  const repairs = new Map(state.health.repairs);
  if (repair) repairs.set(pool, repair);
  else repairs.delete(pool);
  return { ...state, health: { ...state.health, repairs, untold: 'verdicts' } };
};

/** A check has failed: where it would cost the node VIPs, a repair begins, unless one is under way. */
export function repairFailed(state: AgentState, before: CheckTrack, after: CheckTrack, now: Monotonic): AgentStep {
  const { pool, severity } = after.check;
  const { repairs, held } = state.health;
  const hasFailed = severity === 'Fail' && after.verdict === 'Failing' && before.verdict !== 'Failing';
  return hasFailed && held.has(pool) && !repairs.has(pool)
    ? attempt(state, pool, after.check.name, 1, now)
    : [state, []];
}

/** A failed run that began after the command ended says that the command was of no use. */
export function repairDoubted(state: AgentState, run: CheckRun, after: CheckTrack, now: Monotonic): AgentStep {
  const repair = state.health.repairs.get(run.pool);
  const counts = repair?.phase === 'awaiting' && isRepairing(state.health, after) && !run.ok;
  if (!counts || addMs(now, -run.durationMs) < repair.since) return [state, []];
  return attempt(state, run.pool, repair.check, repair.attempt + 1, now);
}

export function repaired(
  state: AgentState,
  answer: { readonly pool: PoolName; readonly number: number; readonly ok: boolean; readonly output: string },
  now: Monotonic,
): AgentStep {
  const { pool, ok, output } = answer;
  const repair = state.health.repairs.get(pool);
  if (repair?.phase !== 'running' || repair.number !== answer.number) return [state, []];
  const fields = { pool, attempt: repair.attempt, output };
  const said: AgentEffect = { kind: 'log', level: ok ? 'info' : 'warn', message: 'repair command ended', fields };
  if (!ok) {
    const [next, effects] = attempt(state, pool, repair.check, repair.attempt + 1, now);
    return [next, [said, ...effects]];
  }
  const bad = failing(state.health, pool).map(({ check }) => check);
  // A run that is open now may have looked too early: then it takes another one.
  const until = addMs(now, Math.max(0, ...bad.map(({ timeoutMs }) => 2 * timeoutMs)) + ANSWER_SLACK_MS);
  const looks = bad.map(({ name }): AgentEffect => ({ kind: 'run-check', pool, name }));
  return [withRepair(state, pool, { ...repair, phase: 'awaiting', since: now, until }), [said, ...looks]];
}

/** Repairs that nobody answers for, and those that are over. */
export function tidyRepairs(before: AgentState, now: Monotonic): AgentStep {
  let state = before;
  const effects: AgentEffect[] = [];
  for (const [pool, { check, attempt: tried, until }] of before.health.repairs) {
    const well = failing(state.health, pool).length === 0;
    if (well || !state.health.held.has(pool) || !state.health.config?.repairs.has(pool)) {
      const fields = { pool, attempts: tried, ...(well ? {} : { reason: 'its VIPs are not held here any more' }) };
      state = withRepair(state, pool, undefined);
      effects.push({ kind: 'log', level: 'info', message: 'repair is over', fields });
    } else if (now >= until) {
      const [next, more] = attempt(state, pool, check, tried + 1, now);
      state = next;
      effects.push(...more);
    }
  }
  return [state, effects];
}

export function repairsWakeAt({ repairs }: HealthState): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { until } of repairs.values()) first = Math.min(first, until);
  return first;
}

/** The next run of the command, or none. */
function attempt(state: AgentState, pool: PoolName, check: CheckName, number: number, now: Monotonic): AgentStep {
  const repair = state.health.config?.repairs.get(pool);
  if (!repair) return [state, []];
  const begun = (state.health.repairsBegun.get(pool) ?? []).filter((at) => now < addMs(at, repair.windowMs));
  const attempts = Math.max(number - 1, begun.length);
  if (attempts >= repair.attempts) {
    const fields = { pool, attempts, checks: failing(state.health, pool).map(({ check }) => check.name) };
    const message = number === 1 ? 'no repair is tried again so soon' : 'no repair has helped';
    return [withRepair(state, pool, undefined), [{ kind: 'log', level: 'warn', message, fields }]];
  }
  const repairNumber = state.health.repairNumber + 1;
  const until = addMs(now, repair.deadlineMs + ANSWER_SLACK_MS);
  const track: RepairTrack = { number: repairNumber, check, attempt: number, phase: 'running', since: now, until };
  const next = withRepair(state, pool, track);
  const repairsBegun = new Map(next.health.repairsBegun).set(pool, [...begun, now]);
  return [
    { ...next, health: { ...next.health, repairNumber, repairsBegun } },
    [
      {
        kind: 'log',
        level: 'warn',
        message: 'trying to repair what checks found',
        fields: { pool, check, attempt: number },
      },
      { kind: 'repair', pool, number: repairNumber, check, repair, vips: state.health.held.get(pool) ?? [] },
    ],
  ];
}
