import { checkName, type Check, type CheckProbe, type CheckType } from './checks.ts';
import {
  belongsElsewhere,
  CHECK_TYPES,
  HEALTH_CONTROLLER_MESSAGES,
  HEALTH_MESSAGES,
  HEALTH_PATTERNS,
  MAX_POOL_CHECKS,
  TYPES_OF_FIELD,
  type TypedField,
} from './health-messages.ts';
import type { PoolName } from './ids.ts';
import type { Field } from './manifest-field.ts';
import { nearestName } from './nearest-name.ts';
import { readProbe, type ProbeFields } from './probe-spec.ts';
import { HOUR_MS } from './time.ts';

type CheckTimes = Pick<Check, 'intervalMs' | 'timeoutMs'>;

const COMMON = ['name', 'type', 'interval', 'timeout', 'fall', 'rise', 'severity', 'penalty', 'role'] as const;
const TYPED = Object.keys(TYPES_OF_FIELD) as TypedField[];
const CHECK_NAME = new RegExp(HEALTH_PATTERNS.checkName);
const EXAMPLE = '{ name: nfs, type: nfs }';

const INTERVAL_MS = 2_000;
const TIMEOUT_MS = 1_000;

/** Reads `spec.health.checks`; a check with an unknown type is left out, after it was reported. */
export function readChecks(field: Field, pool: PoolName): readonly Check[] {
  const items = field.items(MAX_POOL_CHECKS, `[${EXAMPLE}]`) ?? [];
  const names = new Set<string>();
  return items.flatMap((item) => {
    const check = readCheck(item, pool, names);
    return check === undefined ? [] : [check];
  });
}

function readCheck(item: Field, pool: PoolName, names: Set<string>): Check | undefined {
  const fields = item.requiredMembers([...COMMON, ...TYPED], EXAMPLE);
  if (!fields) return undefined;
  const name = readName(item, fields.name, names);
  const { intervalMs = INTERVAL_MS, ...times } = readTimes(fields.interval, fields.timeout, INTERVAL_MS);
  const timeoutMs = times.timeoutMs ?? Math.min(TIMEOUT_MS, intervalMs);
  const counts = { fall: fields.fall.integer(1, 100) ?? 2, rise: fields.rise.integer(1, 100) ?? 2 };
  const severity = fields.severity.choice(['Fail', 'Degrade']) ?? 'Fail';
  const penalty = fields.penalty.integer(1, 100) ?? 50;
  const role = fields.role.choice(['Any', 'Holder', 'Standby']) ?? 'Any';
  const probe = readTypedFields(item, fields.type, fields);
  return probe && { pool, name: checkName(name), intervalMs, timeoutMs, ...counts, severity, penalty, role, probe };
}

function readName(item: Field, field: Field, names: Set<string>): string {
  if (field.isAbsent) {
    item.report(HEALTH_CONTROLLER_MESSAGES.noName);
    return '';
  }
  const name = field.requiredText() ?? '';
  if (typeof field.value === 'string' && !CHECK_NAME.test(name)) field.report(HEALTH_MESSAGES.checkName);
  else if (names.has(name)) field.report(HEALTH_CONTROLLER_MESSAGES.nameTwice(name));
  names.add(name);
  return name;
}

const isInterval = (ms: number): boolean => ms >= 100 && ms <= HOUR_MS;
const isTimeout = (ms: number): boolean => ms >= 10 && ms <= HOUR_MS;

/** `intervalMs` and `timeoutMs` as declared; `usualMs` is the interval where none is declared, if that is known. */
export function readTimes(interval: Field, timeout: Field, usualMs: number | undefined): Partial<CheckTimes> {
  const intervalMs = interval.duration(isInterval, HEALTH_MESSAGES.intervalRange);
  const timeoutMs = timeout.duration(isTimeout, HEALTH_MESSAGES.timeoutRange);
  const limitMs = (interval.isAbsent ? usualMs : intervalMs) ?? Infinity;
  if (timeoutMs !== undefined && timeoutMs > limitMs) timeout.report(HEALTH_MESSAGES.timeoutAboveInterval);
  return {
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** Fields of other types are problems. */
function readTypedFields(item: Field, type: Field, fields: ProbeFields): CheckProbe | undefined {
  if (type.isAbsent) return item.report(HEALTH_CONTROLLER_MESSAGES.noType);
  const known = CHECK_TYPES.find((candidate) => candidate === type.value);
  if (known === undefined) return type.report(unknownType(type.value));
  for (const name of TYPED) {
    const owners: readonly CheckType[] = TYPES_OF_FIELD[name];
    if (!fields[name].isAbsent && !owners.includes(known)) fields[name].report(belongsElsewhere(name));
  }
  return readProbe(known, item, fields);
}

function unknownType(value: unknown): string {
  const nearest = typeof value === 'string' ? nearestName(value, CHECK_TYPES) : undefined;
  return HEALTH_CONTROLLER_MESSAGES.unknownType(JSON.stringify(value), nearest);
}
