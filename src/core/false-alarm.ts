/**
 * Every node of a pool fails the same check at about the same time: that has one cause outside of the nodes, such as a
 * gateway or a server that all of them ask, and moving VIPs would help nobody. A check that only holders run fails on one
 * after the other then: the third waits for a while before its VIPs go on to a fourth.
 */
import type { CheckState } from './check-state.ts';
import type { Check, CheckName } from './checks.ts';
import type { Damped } from './damping.ts';
import type { HealthSpec } from './health-spec.ts';
import { type HealthVerdict, noticeMs } from './health-verdict.ts';
import { addMs, type Monotonic } from './time.ts';

export interface Alarm {
  readonly check: CheckName;
  /**
   * Some node is well again: the others are given the time to notice that as well. Or the VIPs have waited for long
   * enough where holders fail one after the other. Undefined: neither.
   */
  readonly endsAt: Monotonic | undefined;
}

/** Checks of severity Fail that fail on a node, also while a repair is tried, each with the time when it began to. */
export type Falls = ReadonlyMap<CheckName, Monotonic>;

interface Judged {
  readonly verdict: HealthVerdict;
  readonly fault: Damped;
  readonly falls: Falls;
}

/** @returns the same object where nothing changed */
export function followFalls(
  before: Falls | undefined,
  wanted: readonly Check[],
  reported: readonly CheckState[],
  now: Monotonic,
): Falls {
  const falls = new Map<CheckName, Monotonic>();
  for (const { name, severity } of wanted) {
    const found = severity === 'Fail' ? reported.find((item) => item.name === name) : undefined;
    // Who told it first knows for how long; a later look at the same report does not.
    if (found?.state === 'Failing') falls.set(name, before?.get(name) ?? addMs(now, -found.sinceMs));
  }
  const isSame = before?.size === falls.size && [...falls.keys()].every((name) => before.has(name));
  return isSame ? before : falls;
}

/**
 * @param nodes all live nodes of the pool
 * @returns the same object where nothing changed
 */
export function followAlarm(
  before: Alarm | undefined,
  { checks, damping }: Pick<HealthSpec, 'checks' | 'damping'>,
  nodes: readonly Judged[],
  now: Monotonic,
): Alarm | undefined {
  const [slowest] = checks
    .filter((check) => nodes.length > 1 && (isSudden(check, nodes) || isSuddenAgain(check, nodes, before)))
    .sort((a, b) => recoveryMs(b) - recoveryMs(a));
  if (slowest) {
    return before?.check === slowest.name && before.endsAt === undefined
      ? before
      : { check: slowest.name, endsAt: undefined };
  }
  const chased = checks.find((check) => nodes.length > 1 && isChasing(check, nodes));
  const waitsUntil = chased && addMs(lastFall(nodes, chased.name), damping.baseMs);
  if (chased && waitsUntil !== undefined && now < waitsUntil) {
    const isSame = before?.check === chased.name && before.endsAt === waitsUntil;
    return isSame ? before : { check: chased.name, endsAt: waitsUntil };
  }
  const known = before && checks.find(({ name }) => name === before.check);
  if (!before || !known || !nodes.some((node) => fails(node, before.check))) return undefined;
  const endsAt = before.endsAt ?? addMs(now, recoveryMs(known));
  if (now >= endsAt) return undefined;
  return before.endsAt === endsAt ? before : { check: before.check, endsAt };
}

/** How long after the end of its cause a check may be still failing. */
const recoveryMs = ({ intervalMs, rise, timeoutMs }: Check): number => intervalMs * rise + timeoutMs;

const fails = ({ falls }: Judged, check: CheckName): boolean => falls.has(check);

/** So many holders in a row that fail the same check have hardly each a fault of their own. */
const IN_A_ROW = 3;

/** It fails on who holds VIPs, on all who do, and did on others before. */
function isChasing({ name, role }: Check, nodes: readonly Judged[]): boolean {
  if (role !== 'Holder') return false;
  const isUnproven = ({ verdict, fault }: Judged): boolean =>
    fault.isBad && verdict.unproven.some((item) => item.name === name);
  const failing = nodes.filter((node) => fails(node, name));
  const count = failing.length + nodes.filter(isUnproven).length;
  const passes = nodes.some((node) => !fails(node, name) && !node.verdict.idle.includes(name));
  return failing.length > 0 && !passes && count >= Math.min(IN_A_ROW, nodes.length);
}

/** When the last of those that fail it began to. */
const lastFall = (nodes: readonly Judged[], check: CheckName): Monotonic =>
  Math.max(...nodes.flatMap(({ falls }) => falls.get(check) ?? [])) as Monotonic;

/** All of them fail it, and began to within the time in which the slowest of them notices. */
function isSudden(check: Check, nodes: readonly Judged[]): boolean {
  const began = nodes.flatMap(({ falls }) => falls.get(check.name) ?? []);
  return began.length === nodes.length && Math.max(...began) - Math.min(...began) <= noticeMs(check);
}

/** One of them was well for a moment. What holders fail one after the other ends by itself. */
const isSuddenAgain = ({ name, role }: Check, nodes: readonly Judged[], before: Alarm | undefined): boolean =>
  before?.check === name && role !== 'Holder' && nodes.every((node) => fails(node, name));
