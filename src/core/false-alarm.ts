/**
 * Every node of a pool fails the same check at about the same time: that has one cause outside of the nodes, such as a
 * gateway or a server that all of them ask, and moving VIPs would help nobody.
 */
import type { Check, CheckName } from './checks.ts';
import type { Damped } from './damping.ts';
import { type HealthVerdict, noticeMs } from './health-verdict.ts';
import { addMs, type Monotonic } from './time.ts';

export interface Alarm {
  readonly check: CheckName;
  /** Some node is well again: the others are given the time to notice that as well. Undefined: none is. */
  readonly endsAt: Monotonic | undefined;
}

interface Judged {
  readonly verdict: HealthVerdict;
  readonly fault: Damped;
}

/**
 * @param nodes all live nodes of the pool
 * @returns the same object where nothing changed
 */
export function followAlarm(
  before: Alarm | undefined,
  checks: readonly Check[],
  nodes: readonly Judged[],
  now: Monotonic,
): Alarm | undefined {
  const [slowest] = checks
    .filter((check) => nodes.length > 1 && isSudden(check, nodes))
    .sort((a, b) => recoveryMs(b) - recoveryMs(a));
  if (slowest) {
    return before?.check === slowest.name && before.endsAt === undefined
      ? before
      : { check: slowest.name, endsAt: undefined };
  }
  const known = before && checks.find(({ name }) => name === before.check);
  if (!before || !known || !nodes.some((node) => fails(node, before.check))) return undefined;
  const endsAt = before.endsAt ?? addMs(now, recoveryMs(known));
  if (now >= endsAt) return undefined;
  return before.endsAt === endsAt ? before : { check: before.check, endsAt };
}

/** How long after the end of its cause a check may be still failing. */
const recoveryMs = ({ intervalMs, rise, timeoutMs }: Check): number => intervalMs * rise + timeoutMs;

const fails = ({ verdict }: Judged, check: CheckName): boolean =>
  verdict.failing.some(({ name, state }) => name === check && state === 'Failing');

/** All of them fail it, and began to within the time in which the slowest of them notices. */
function isSudden(check: Check, nodes: readonly Judged[]): boolean {
  if (!nodes.every((node) => fails(node, check.name))) return false;
  const began = nodes.map(({ fault }) => fault.lastAt);
  return Math.max(...began) - Math.min(...began) <= noticeMs(check);
}
