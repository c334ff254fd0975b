/** `spec` of a NodeHealth: what an administrator wants of one node, live. */
import { checkName, type Check, type CheckName } from './checks.ts';
import { readTimes } from './check-spec.ts';
import { HEALTH_CONTROLLER_MESSAGES, HEALTH_MESSAGES, HEALTH_PATTERNS } from './health-messages.ts';
import { poolName, type PoolName } from './ids.ts';
import { Field } from './manifest-field.ts';
import { NODE_MESSAGES, POOL_NAME_PATTERN } from './node-messages.ts';
import type { Parsed, Problem } from './pool.ts';

export interface NodeSettings {
  /** Its VIPs go elsewhere, and none comes back. */
  readonly maintenance: boolean;
  /** 0 to 100; 0 keeps VIPs away. It goes before what pools say. Undefined: as the pools say. */
  readonly weight: number | undefined;
  /** Undefined: as the agent was started. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | undefined;
  /** At most one for a pool and name. */
  readonly checks: readonly CheckOverride[];
}

/** How a check is run on this node; what is undefined stays as the pool declares it. */
export interface CheckOverride {
  /** Undefined: every pool that has a check of that name and no override of its own. */
  readonly pool: PoolName | undefined;
  readonly name: CheckName;
  /** It is not run, and counts as passing. */
  readonly disabled: boolean;
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly fall?: number;
  readonly rise?: number;
}

/** Of a node for which nothing is declared. */
export const NO_SETTINGS: NodeSettings = { maintenance: false, weight: undefined, logLevel: undefined, checks: [] };

const MAX_OVERRIDES = 64;
const POOL_NAME = new RegExp(POOL_NAME_PATTERN);
const CHECK_NAME = new RegExp(HEALTH_PATTERNS.checkName);
const EXAMPLE = '{ name: nfs, interval: 5s }';

/** Checks the spec of a NodeHealth in full; an absent one sets nothing. */
export function parseNodeSettings(spec: unknown): Parsed<NodeSettings> {
  if (spec === undefined || spec === null) return { ok: true, value: NO_SETTINGS };
  const problems: Problem[] = [];
  const { maintenance, weight, logLevel, checks } = new Field('spec', spec, problems).members(
    ['maintenance', 'weight', 'logLevel', 'checks'],
    '{ maintenance: true }',
  );
  const settings: NodeSettings = {
    maintenance: maintenance.boolean() ?? false,
    weight: weight.integer(0, 100),
    logLevel: logLevel.choice(['debug', 'info', 'warn', 'error']),
    checks: readOverrides(checks),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: settings };
}

/** Whether a spec says `maintenance: true`, whatever else is wrong with it. */
export const saysMaintenance = (spec: unknown): boolean =>
  typeof spec === 'object' && spec !== null && 'maintenance' in spec && spec.maintenance === true;

/** The checks as this node runs them: without the disabled ones, with its own times. */
export function checksOn(settings: NodeSettings, checks: readonly Check[]): readonly Check[] {
  if (settings.checks.length === 0) return checks;
  return checks.flatMap((check) => {
    const named = settings.checks.filter(({ name }) => name === check.name);
    const override = named.find(({ pool }) => pool === check.pool) ?? named.find(({ pool }) => pool === undefined);
    if (!override) return [check];
    return override.disabled ? [] : [overridden(check, override)];
  });
}

function overridden(check: Check, { intervalMs, timeoutMs, fall, rise }: CheckOverride): Check {
  const interval = intervalMs ?? check.intervalMs;
  return {
    ...check,
    intervalMs: interval,
    timeoutMs: Math.min(timeoutMs ?? check.timeoutMs, interval),
    fall: fall ?? check.fall,
    rise: rise ?? check.rise,
  };
}

function readOverrides(field: Field): readonly CheckOverride[] {
  const items = field.items(MAX_OVERRIDES, `[${EXAMPLE}]`) ?? [];
  const overrides = items.flatMap((item) => readOverride(item) ?? []);
  const keys = overrides.map(({ pool, name }) => `${pool ?? ''}/${name}`);
  if (new Set(keys).size < keys.length) field.report(NODE_MESSAGES.sameCheck);
  return overrides;
}

function readOverride(item: Field): CheckOverride | undefined {
  const fields = item.requiredMembers(['pool', 'name', 'disabled', 'interval', 'timeout', 'fall', 'rise'], EXAMPLE);
  if (!fields) return undefined;
  if (fields.name.isAbsent) item.report(HEALTH_CONTROLLER_MESSAGES.noName);
  const [pool, name] = [fields.pool.shortText(253), fields.name.text()];
  if (pool !== undefined && !POOL_NAME.test(pool)) fields.pool.report(NODE_MESSAGES.poolName);
  if (name !== undefined && !CHECK_NAME.test(name)) fields.name.report(HEALTH_MESSAGES.checkName);
  const [fall, rise] = [fields.fall.integer(1, 100), fields.rise.integer(1, 100)];
  return {
    pool: pool === undefined ? undefined : poolName(pool),
    name: checkName(name ?? ''),
    disabled: fields.disabled.boolean() ?? false,
    ...readTimes(fields.interval, fields.timeout, undefined),
    ...(fall === undefined ? {} : { fall }),
    ...(rise === undefined ? {} : { rise }),
  };
}
