/** `spec.health` of a pool after validation and defaulting. */
import { readChecks } from './check-spec.ts';
import type { Check } from './checks.ts';
import { HEALTH_CONTROLLER_MESSAGES, HEALTH_MESSAGES } from './health-messages.ts';
import type { PoolName } from './ids.ts';
import type { Field } from './manifest-field.ts';
import { readCommand } from './probe-spec.ts';
import { HOUR_MS } from './time.ts';

export interface HealthSpec {
  /** In the order of the manifest. */
  readonly checks: readonly Check[];
  /** Undefined: nothing is tried before the VIPs leave. */
  readonly repair: Repair | undefined;
  /** With every node of the pool unhealthy: the VIPs stay with the least bad nodes, or nobody holds them. */
  readonly whenAllUnhealthy: 'Keep' | 'Release';
  readonly damping: Damping;
}

/** A program of the node that may mend what a failed check found. */
export interface Repair {
  /** As in a check of type exec. */
  readonly command: readonly string[];
  /** Runs within `windowMs` before the VIPs leave, whether they help or not. Default 1. */
  readonly attempts: number;
  /** One run that takes longer is ended and counts as tried. Default 10 000. */
  readonly deadlineMs: number;
  /** As the damping of the pool has it. 0: each fault has all attempts. */
  readonly windowMs: number;
}

/**
 * Hold-off of a node whose checks flap. The first time that a node becomes unhealthy costs nothing beyond `rise`; the
 * nth time within `windowMs` it must then be well for `baseMs` * 2^(n-2), at most `maxMs`, before it counts as healthy.
 * With a check that is not run any more since it failed the first time counts like the fourth, and so on.
 */
export interface Damping {
  /** 0: no damping. Default 30 000. */
  readonly baseMs: number;
  /** At least `baseMs`. Default 600 000. */
  readonly maxMs: number;
  /** So long after it began to count as healthy again, a node's past is forgotten. Default 600 000. */
  readonly windowMs: number;
}

export const DEFAULT_DAMPING: Damping = { baseMs: 30_000, maxMs: 600_000, windowMs: 600_000 };

/** Of a pool that declares nothing. */
export const NO_HEALTH: HealthSpec = {
  checks: [],
  repair: undefined,
  whenAllUnhealthy: 'Keep',
  damping: DEFAULT_DAMPING,
};

const EXAMPLE = '{ checks: [{ name: nfs, type: nfs }] }';

/** A pool without `health` has no checks, and every default. */
export function readHealth(field: Field, pool: PoolName): HealthSpec {
  const { checks, repair, whenAllUnhealthy, damping } = field.members(
    ['checks', 'repair', 'whenAllUnhealthy', 'damping'],
    EXAMPLE,
  );
  const declared = readDamping(damping);
  return {
    checks: readChecks(checks, pool),
    repair: readRepair(repair, declared),
    whenAllUnhealthy: whenAllUnhealthy.choice(['Keep', 'Release']) ?? NO_HEALTH.whenAllUnhealthy,
    damping: declared,
  };
}

function readRepair(field: Field, { windowMs }: Damping): Repair | undefined {
  if (field.isAbsent) return undefined;
  const members = field.requiredMembers(['command', 'attempts', 'deadline'], '{ command: ["/checks/repair.sh"] }');
  if (!members) return undefined;
  const { command, attempts, deadline } = members;
  if (command.isAbsent) field.report(HEALTH_CONTROLLER_MESSAGES.noRepairCommand);
  return {
    command: readCommand(command),
    attempts: attempts.integer(1, 10) ?? 1,
    deadlineMs: deadline.duration((ms) => ms >= 100 && ms <= 600_000, HEALTH_MESSAGES.deadlineRange) ?? 10_000,
    windowMs,
  };
}

function readDamping(field: Field): Damping {
  const { base, max, window } = field.members(['base', 'max', 'window'], '{ base: 30s, max: 10m, window: 10m }');
  const isSpan = (ms: number): boolean => ms >= 1_000 && ms <= 24 * HOUR_MS;
  const baseMs = base.duration((ms) => ms <= HOUR_MS, HEALTH_MESSAGES.baseRange) ?? DEFAULT_DAMPING.baseMs;
  const maxMs = max.duration(isSpan, HEALTH_MESSAGES.maxRange) ?? DEFAULT_DAMPING.maxMs;
  const windowMs = window.duration(isSpan, HEALTH_MESSAGES.windowRange) ?? DEFAULT_DAMPING.windowMs;
  if (maxMs < baseMs) max.report(HEALTH_MESSAGES.maxBelowBase);
  return { baseMs, maxMs, windowMs };
}
