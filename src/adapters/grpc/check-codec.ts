import type { CheckState, NodeConfig } from '../../core/check-state.ts';
import { type Check, checkName, type CheckName } from '../../core/checks.ts';
import { cut } from '../../core/cut.ts';
import type { Repair } from '../../core/health-spec.ts';
import { poolName, type PoolName } from '../../core/ids.ts';
import * as wire from '../../gen/vippool/v1/agent.ts';
import * as checkWire from '../../gen/vippool/v1/check.ts';
import { Malformed } from './decoded.ts';
import { codesOf, duration, interfaceName, list, name, oneOf, present, prose, whole } from './field-checks.ts';
import { MAX_POOLS } from './hold-right-codec.ts';
import { probeToWire, readCommand, readProbe } from './probe-codec.ts';
import { MAX_INTERFACES, readNeighbours } from './reach-codec.ts';
import { readTerm } from './term-codec.ts';

/** A node runs at most so many checks. */
export const MAX_CHECKS = 32_768;
/** Of the output of a run. */
const MAX_OUTPUT = 200;
/** The longest time that fits into 32 bits, in milliseconds. */
const MAX_MS = 0xffffffff;

const SEVERITIES = { Fail: checkWire.CheckSeverity.FAIL, Degrade: checkWire.CheckSeverity.DEGRADE } as const;
const ROLES = {
  Any: checkWire.CheckRole.ANY,
  Holder: checkWire.CheckRole.HOLDER,
  Standby: checkWire.CheckRole.STANDBY,
} as const;
const VERDICTS = {
  Passing: checkWire.CheckVerdict.PASSING,
  Failing: checkWire.CheckVerdict.FAILING,
  Pending: checkWire.CheckVerdict.PENDING,
  Unknown: checkWire.CheckVerdict.UNKNOWN,
  Idle: checkWire.CheckVerdict.IDLE,
} as const;
const LEVELS = {
  debug: wire.LogLevel.DEBUG,
  info: wire.LogLevel.INFO,
  warn: wire.LogLevel.WARN,
  error: wire.LogLevel.ERROR,
} as const;

const SEVERITY_NAMES = codesOf(SEVERITIES);
const ROLE_NAMES = codesOf(ROLES);
const VERDICT_NAMES = codesOf(VERDICTS);
const LEVEL_NAMES = codesOf(LEVELS);

export const checkStateToWire = (check: CheckState): checkWire.CheckState => ({
  ...check,
  state: VERDICTS[check.state],
});

export const readCheckStates = (checks: readonly checkWire.CheckState[]): CheckState[] =>
  perCheck(checks, ({ pool, name: of, state, output, durationMs, sinceMs, repairing }) => ({
    pool: poolName(name(pool, 'checks.pool')),
    name: checkName(name(of, 'checks.name')),
    state: oneOf(VERDICT_NAMES, state, 'checks.state'),
    output: cut(prose(output, 'checks.output'), MAX_OUTPUT),
    durationMs: duration(durationMs, 'checks.duration_ms'),
    sinceMs: duration(sinceMs, 'checks.since_ms'),
    repairing,
  }));

export const configToWire = ({
  term,
  version,
  checks,
  repairs,
  logLevel,
  neighbours,
  serviceInterfaces,
}: NodeConfig): wire.NodeConfig => ({
  term,
  version,
  checks: checks.map(checkToWire),
  repairs: [...repairs].map(([pool, repair]) => ({ pool, ...repair })),
  logLevel: logLevel === undefined ? wire.LogLevel.UNSPECIFIED : LEVELS[logLevel],
  neighbours: neighbours.map(({ interface: link, peers, watched }) => ({
    interface: link,
    peers: [...peers],
    watched: [...watched],
  })),
  serviceInterfaces: [...serviceInterfaces].map(([pool, names]) => ({ pool, interfaces: [...names] })),
});

export const readConfig = ({
  term,
  version,
  checks,
  repairs,
  logLevel,
  neighbours,
  serviceInterfaces,
}: wire.NodeConfig): NodeConfig => ({
  term: readTerm(present(term, 'term')),
  version: whole(version, 'version', 1),
  checks: perCheck(checks, readCheck),
  repairs: perPool(repairs, 'repairs', readRepair),
  logLevel: logLevel === wire.LogLevel.UNSPECIFIED ? undefined : oneOf(LEVEL_NAMES, logLevel, 'log_level'),
  neighbours: readNeighbours(neighbours),
  serviceInterfaces: perPool(serviceInterfaces, 'service_interfaces', readServiceInterfaces),
});

const checkToWire = (check: Check): checkWire.Check => ({
  ...check,
  severity: SEVERITIES[check.severity],
  role: ROLES[check.role],
  probe: probeToWire(check.probe),
});

function readCheck(check: checkWire.Check): Check {
  const intervalMs = whole(check.intervalMs, 'checks.interval_ms', 1, MAX_MS);
  return {
    pool: poolName(name(check.pool, 'checks.pool')),
    name: checkName(name(check.name, 'checks.name')),
    intervalMs,
    timeoutMs: whole(check.timeoutMs, 'checks.timeout_ms', 1, intervalMs),
    fall: whole(check.fall, 'checks.fall', 1, 100),
    rise: whole(check.rise, 'checks.rise', 1, 100),
    severity: oneOf(SEVERITY_NAMES, check.severity, 'checks.severity'),
    penalty: whole(check.penalty, 'checks.penalty', 1, 100),
    role: oneOf(ROLE_NAMES, check.role, 'checks.role'),
    probe: readProbe(check.probe),
  };
}

const readRepair = ({ pool, command, attempts, deadlineMs, windowMs }: wire.Repair): [PoolName, Repair] => [
  poolName(name(pool, 'repairs.pool')),
  {
    command: readCommand(command),
    attempts: whole(attempts, 'repairs.attempts', 1, 10),
    deadlineMs: whole(deadlineMs, 'repairs.deadline_ms', 1, MAX_MS),
    windowMs: whole(windowMs, 'repairs.window_ms', 0, MAX_MS),
  },
];

const readServiceInterfaces = ({ pool, interfaces }: wire.ServiceInterfaces): [PoolName, readonly string[]] => {
  const field = 'service_interfaces.interfaces';
  const names = list(interfaces, field, MAX_INTERFACES, (text) => interfaceName(text, field));
  if (names.length === 0) throw new Malformed('bad-value', `${field} is empty`);
  return [poolName(name(pool, 'service_interfaces.pool')), names];
};

/** At most one item about each pool. */
function perPool<T, U>(items: readonly T[], field: string, read: (item: T) => [PoolName, U]): Map<PoolName, U> {
  const found = list(items, field, MAX_POOLS, read);
  const byPool = new Map(found);
  if (byPool.size < found.length) throw new Malformed('bad-value', `${field} has one pool twice`);
  return byPool;
}

/** At most one item about each check. */
function perCheck<T, U extends { readonly pool: PoolName; readonly name: CheckName }>(
  items: readonly T[],
  read: (item: T) => U,
): U[] {
  const seen = new Set<string>();
  return list(items, 'checks', MAX_CHECKS, (item) => {
    const result = read(item);
    const key = `${result.pool} ${result.name}`;
    if (seen.has(key)) throw new Malformed('bad-value', `checks has ${key} twice`);
    seen.add(key);
    return result;
  });
}
