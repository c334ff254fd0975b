/** What the checks of one pool say of one node at this instant; damping comes on top (core/damping.ts). */
import type { CheckState } from './check-state.ts';
import type { Check, CheckName } from './checks.ts';
import { addMs, type Monotonic } from './time.ts';

export interface HealthVerdict {
  /**
   * Unhealthy: a check of severity Fail fails, or its result is too old. Pending: one has no verdict yet, or a repair is
   * under way: a holder keeps its VIPs, nobody else gets any. Unproven: one failed, and is not run any more.
   */
  readonly state: 'Healthy' | 'Unproven' | 'Pending' | 'Unhealthy';
  /** Checks of severity Fail that make it unhealthy. */
  readonly failing: readonly CheckFault[];
  /** Checks of severity Degrade that fail, or whose result is too old. */
  readonly degrading: readonly CheckFault[];
  /** Checks that failed when they were run last, and are not run in the present role of the node. */
  readonly unproven: readonly Check[];
  /** All checks that are not run in its present role. */
  readonly idle: readonly CheckName[];
  /** What those that degrade it take off the weight of the node together, in percent. */
  readonly penalty: number;
  /** For how long all checks that were run have been passing, when the node told; Infinity where none was. */
  readonly passingMs: number;
  /** When a check that was never reported becomes unknown. */
  readonly wakeAt: Monotonic;
}

export interface CheckFault {
  readonly name: CheckName;
  readonly state: 'Failing' | 'Unknown';
  /** Of the newest run; for people. */
  readonly output: string;
}

/** How long a fault of this check may go unnoticed. */
export const noticeMs = ({ intervalMs, fall, timeoutMs }: Check): number => intervalMs * fall + timeoutMs;

const NEVER_REPORTED = 'the node has not reported this check';

/**
 * @param wanted checks of the pool as this node runs them
 * @param reported what the node told last of the checks of this pool
 * @param wantedSince when the node was told to run a check; undefined: it was not, as far as this controller knows
 * @param before what was found the last time, where that still counts
 */
export function judgeChecks(
  wanted: readonly Check[],
  reported: readonly CheckState[],
  wantedSince: (name: CheckName) => Monotonic | undefined,
  now: Monotonic,
  before?: HealthVerdict,
): HealthVerdict {
  const failing: CheckFault[] = [];
  const degrading: CheckFault[] = [];
  const unproven: Check[] = [];
  const idle: CheckName[] = [];
  let kept = 1;
  let isPending = false;
  let passingMs = Number.POSITIVE_INFINITY;
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const check of wanted) {
    const found = reported.find(({ name }) => name === check.name);
    const since = found ? undefined : wantedSince(check.name);
    const deadline = since === undefined ? Number.POSITIVE_INFINITY : addMs(since, noticeMs(check));
    const state = found?.state ?? (now >= deadline ? 'Unknown' : 'Pending');
    if (!found && now < deadline) wakeAt = Math.min(wakeAt, deadline);
    switch (state) {
      case 'Passing':
        passingMs = Math.min(passingMs, found?.sinceMs ?? 0);
        break;
      case 'Idle':
        idle.push(check.name);
        if (before && failedLast(before, check.name)) unproven.push(check);
        break;
      case 'Pending':
        // What only degrades does not keep VIPs away while nobody knows.
        isPending ||= check.severity === 'Fail';
        break;
      case 'Failing':
      case 'Unknown': {
        const fault = { name: check.name, state, output: found?.output ?? NEVER_REPORTED };
        if (check.severity === 'Degrade') {
          degrading.push(fault);
          kept *= 1 - check.penalty / 100;
        } else if (found?.repairing) {
          isPending = true;
        } else {
          failing.push(fault);
        }
      }
    }
  }
  return {
    state: failing.length > 0 ? 'Unhealthy' : isPending ? 'Pending' : unproven.some(decides) ? 'Unproven' : 'Healthy',
    failing,
    degrading,
    unproven,
    idle,
    penalty: Math.round((1 - kept) * 100),
    passingMs,
    wakeAt: wakeAt as Monotonic,
  };
}

const decides = ({ severity }: Check): boolean => severity === 'Fail';

const failedLast = ({ failing, degrading, unproven }: HealthVerdict, check: CheckName): boolean =>
  [...failing, ...degrading, ...unproven].some(({ name }) => name === check);

/** "check nfs fails: connection refused" */
export function faultText({ name, state, output }: CheckFault): string {
  const verb = state === 'Failing' ? 'fails' : 'is unknown';
  return `check ${name} ${verb}${output === '' ? '' : `: ${output}`}`;
}
