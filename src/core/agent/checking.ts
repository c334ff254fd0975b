/** What is checked on this host, and what that amounts to. */
import type { NodeConfig } from '../check-state.ts';
import type { Check, CheckRun } from '../checks.ts';
import { compareTerms, formatTerm, higherTerm } from '../term.ts';
import { type Monotonic } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import {
  afterLook,
  afterRun,
  afterSilence,
  type CheckTrack,
  inRole,
  newTrack,
  redeclared,
  staleAt,
} from './check-track.ts';
import { carriersOf, checkKey, type HealthState } from './health-state.ts';
import { lookAtInterface } from './interface-check.ts';
import { neighboursTold } from './reaching.ts';
import { repairDoubted, repairFailed, repairsWakeAt } from './repairing.ts';

export function configured(state: AgentState, config: NodeConfig, now: Monotonic): AgentStep {
  const refusal = refusalOf(state, config);
  if (refusal !== undefined) {
    const fields = { reason: refusal, term: formatTerm(config.term), version: config.version };
    return [state, [{ kind: 'log', level: 'debug', message: 'configuration refused', fields }]];
  }
  const { health } = state;
  const { term, version, repairs, logLevel } = config;
  const checks = new Map(
    config.checks.map((check): [string, CheckTrack] => {
      const known = health.checks.get(checkKey(check.pool, check.name));
      const track = known === undefined ? newTrack(check, now) : redeclared(known, check, now);
      return [checkKey(check.pool, check.name), inRole(track, health.held.has(check.pool), now)];
    }),
  );
  const next = {
    ...health,
    config: { term, version, repairs, logLevel },
    checks,
    // An interface that lost its address is still the one to look at.
    likelyCarriers: new Map([...health.likelyCarriers, ...config.serviceInterfaces]),
    untold: 'verdicts' as const,
  };
  const fields = { term: formatTerm(term), version, checks: checks.size };
  return [
    neighboursTold(
      { ...state, highestTerm: higherTerm(state.highestTerm, term), health: next },
      config.neighbours,
      now,
    ),
    [
      { kind: 'log', level: 'info', message: 'configuration taken', fields },
      ...(logLevel === health.config?.logLevel ? [] : [{ kind: 'log-level' as const, level: logLevel }]),
      { kind: 'set-held', held: health.held },
      { kind: 'set-checks', checks: config.checks },
    ],
  ];
}

/** Why a configuration has no effect; undefined where it has one. */
function refusalOf({ highestTerm, health }: AgentState, { term, version }: NodeConfig): string | undefined {
  if (highestTerm && compareTerms(term, highestTerm) < 0) return 'its term is lower than one seen';
  if (!health.config) return undefined;
  const order = compareTerms(term, health.config.term);
  return order < 0 || (order === 0 && version <= health.config.version) ? 'not newer' : undefined;
}

export function checkRan(state: AgentState, run: CheckRun, now: Monotonic): AgentStep {
  const { checks, repairs } = state.health;
  const track = checks.get(checkKey(run.pool, run.name));
  if (!track || track.verdict === 'Idle') return [state, []];
  // Whoever was just repaired has nothing more to prove than that it helped.
  const isMending = track.check.severity === 'Fail' && repairs.has(run.pool);
  const after = afterRun(track, run, now, isMending ? 1 : track.check.rise);
  const [judged, effects] = withTracks(state, [after], now);
  const [next, more] = repairDoubted(judged, run, after, now);
  return [next, [...effects, ...more]];
}

/** Notes what was found: what is news, and what may be mended. */
function withTracks(before: AgentState, tracks: readonly CheckTrack[], now: Monotonic): AgentStep {
  const checks = new Map(before.health.checks);
  let { untold } = before.health;
  const changes: (readonly [CheckTrack, CheckTrack])[] = [];
  for (const after of tracks) {
    const key = checkKey(after.check.pool, after.check.name);
    const former = checks.get(key);
    checks.set(key, after);
    if (former?.verdict !== after.verdict) untold = 'verdicts';
    else if (former.output !== after.output && untold === 'nothing') untold = 'details';
    if (former && former.verdict !== after.verdict) changes.push([former, after]);
  }
  let state: AgentState = { ...before, health: { ...before.health, checks, untold } };
  const effects: AgentEffect[] = [];
  for (const [former, after] of changes) {
    const [next, more] = repairFailed(state, former, after, now);
    state = next;
    effects.push(...said(after), ...more);
  }
  return [state, effects];
}

/** Of states that say nothing nothing is said. */
function said({ check, verdict, output }: CheckTrack): AgentEffect[] {
  const fields = { pool: check.pool, check: check.name, output };
  switch (verdict) {
    case 'Passing':
      return [{ kind: 'log', level: 'info', message: 'check is well', fields }];
    case 'Failing':
      return [{ kind: 'log', level: 'warn', message: 'check has failed', fields }];
    case 'Unknown':
      return [{ kind: 'log', level: 'warn', message: 'nothing is heard of a check any more', fields }];
    case 'Pending':
    case 'Idle':
      return [];
  }
}

/** Checks of which nothing was heard for too long. */
export function expireChecks(state: AgentState, now: Monotonic): AgentStep {
  if (state.health.checks.size === 0) return [state, []];
  const stale = [...state.health.checks.values()].filter((track) => now >= staleAt(track));
  return stale.length === 0
    ? [state, []]
    : withTracks(
        state,
        stale.map((track) => afterSilence(track, now)),
        now,
      );
}

/** The node holds VIPs of other pools than before: some checks begin, others pause. */
export function rolesChanged(state: AgentState, now: Monotonic): AgentStep {
  const { checks, held } = state.health;
  const changed = [...checks.values()].flatMap((track) => {
    const after = inRole(track, held.has(track.check.pool), now);
    return after === track ? [] : [after];
  });
  return changed.length === 0 ? [state, []] : withTracks(state, changed, now);
}

/** Links need no runs: what is known of them is looked at whenever something changes. */
export function lookAtInterfaces(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  const { health } = state;
  const changed = [...health.checks.values()].flatMap((track) => {
    const { probe, pool }: Check = track.check;
    if (probe.type !== 'interface') return [];
    const view = { interfaces: state.interfaces, allowed: config.interfaces, carriers: carriersOf(health, pool) };
    const after = afterLook(track, lookAtInterface(probe, view), now);
    return after === track ? [] : [after];
  });
  return changed.length === 0 ? [state, []] : withTracks(state, changed, now);
}

/** When a check becomes unknown or a repair is given up. */
export function checksWakeAt(health: HealthState): number {
  let first = repairsWakeAt(health);
  for (const track of health.checks.values()) first = Math.min(first, staleAt(track));
  return first;
}
