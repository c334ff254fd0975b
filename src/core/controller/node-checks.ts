/** What the status of a node tells of its checks, networks and hold-offs. */
import type { NodeHealthStatus } from '../api/types.gen.ts';
import type { NetworkState } from '../check-state.ts';
import { compareText } from '../compare-text.ts';
import type { PoolName } from '../ids.ts';
import type { NodeVerdict } from '../condition-table.ts';
import type { NodeEntry } from '../node-table.ts';
import { Reason } from '../reasons.ts';
import { MAX_CHECK_OUTPUT, MAX_CHECK_RESULTS, MAX_HOLD_OFFS } from '../status-bounds.ts';
import { standingText } from './pool-health.ts';
import type { NodeReport, NodeStanding } from './status-report.ts';

type Checks = NonNullable<NodeHealthStatus['checks']>;
type HeldOff = NonNullable<NodeHealthStatus['heldOff']>;
type HoldOffReason = NonNullable<HeldOff[number]['reason']>;

/** Instants that are computed anew with each report differ by what the report took. */
export const SAME_INSTANT_MS = 2_000;

/** In order of pool and name. What is not run in the present role of the node says nothing, and is left out. */
export function checkResults(
  entry: NodeEntry,
  reportedMsAgo: number,
  previous: Checks | undefined,
  wallMs: number,
): Checks {
  const before = new Map(previous?.map((item) => [`${item.pool}/${item.name}`, item]));
  const results = entry.checks.flatMap(({ pool, name, state, output, durationMs, sinceMs }): Checks => {
    if (state === 'Idle') return [];
    const known = before.get(`${pool}/${name}`);
    const since = new Date(wallMs - reportedMsAgo - sinceMs).toISOString();
    return [
      {
        pool,
        name,
        state,
        output: output.slice(0, MAX_CHECK_OUTPUT),
        duration: `${Math.round(durationMs)}ms`,
        since: known?.state === state && known.since !== undefined ? known.since : since,
      },
    ];
  });
  const sorted = results.sort((a, b) => compareText(a.pool, b.pool) || compareText(a.name, b.name));
  if (sorted.length <= MAX_CHECK_RESULTS) return sorted;
  const passes = ({ state }: Checks[number]): boolean => state === 'Passing';
  return [...sorted.filter((item) => !passes(item)), ...sorted.filter(passes)].slice(0, MAX_CHECK_RESULTS);
}

/** In order of pool, at most as many as a status has room for. */
export function heldOff(
  { standings, flapping }: Pick<NodeReport, 'standings' | 'flapping'>,
  previous: HeldOff | undefined,
  wallMs: number,
): HeldOff {
  const all: { pool: PoolName; leftMs: number | undefined; reason: HoldOffReason; penalty?: number }[] = [
    ...standings.map(({ pool, heldOffMs }) => ({ pool, leftMs: heldOffMs, reason: Reason.HeldOff })),
    ...standings.map(({ pool, degradedMs: leftMs, standing: { penalty } }) => ({
      pool,
      leftMs,
      reason: Reason.NodeDegraded,
      penalty,
    })),
    ...flapping.map(({ pool, heldOffMs }) => ({ pool, leftMs: heldOffMs, reason: Reason.Flapping })),
  ];
  const told = all.flatMap(({ leftMs, ...item }): HeldOff => {
    const { pool, reason } = item;
    if (leftMs === undefined || leftMs <= 0) return [];
    const untilMs = wallMs + leftMs;
    const known = previous?.find((item) => item.pool === pool && item.reason === reason);
    const isSame = known !== undefined && Math.abs(Date.parse(known.until) - untilMs) < SAME_INSTANT_MS;
    return [{ ...item, until: isSame ? known.until : new Date(untilMs).toISOString() }];
  });
  return told.sort((a, b) => compareText(a.pool, b.pool)).slice(0, MAX_HOLD_OFFS);
}

export function networks({ management, service }: NodeEntry): NodeHealthStatus['networks'] {
  const [over, beside] = [networkHealth(management), networkHealth(service)];
  if (!over && !beside) return undefined;
  return { ...(over && { management: over }), ...(beside && { service: beside }) };
}

/** Undefined: nobody has looked. */
function networkHealth(network: NetworkState | undefined): { reachable: boolean; rtt?: string } | undefined {
  if (!network || (network.reachable && network.rttMs === undefined)) return undefined;
  const { reachable, rttMs } = network;
  return { reachable, ...(rttMs === undefined ? {} : { rtt: `${Math.round(rttMs * 10) / 10}ms` }) };
}

/** Condition `ChecksPass`: whether any pool keeps away from the node, or gives it less, for its checks. */
export function checksPass({ entry, standings }: NodeReport): NodeVerdict {
  const type = 'ChecksPass';
  if (!entry || entry.gone !== 'no') {
    return { type, status: 'Unknown', reason: Reason.NodeLost, message: 'the node does not tell' };
  }
  const told = (of: readonly NodeStanding[]): string =>
    of.map(({ pool, standing }) => `pool ${pool}: ${standingText(standing)}`).join('; ');
  const bad = standings.filter(({ standing }) => standing.fault.isBad);
  const failing = bad.filter(({ standing }) => standing.verdict.failing.length > 0);
  if (failing.length > 0) {
    const isKnown = failing.some(({ standing }) => standing.verdict.failing.some(({ state }) => state === 'Failing'));
    return { type, status: 'False', reason: isKnown ? Reason.CheckFailed : Reason.CheckUnknown, message: told(bad) };
  }
  if (bad.length > 0) return { type, status: 'False', reason: Reason.HeldOff, message: told(bad) };
  const weaker = standings.filter(({ standing }) => standing.penalty > 0);
  if (weaker.length > 0) return { type, status: 'False', reason: Reason.NodeDegraded, message: told(weaker) };
  const open = standings.filter(({ standing }) => standing.verdict.state === 'Pending');
  if (open.length > 0) {
    const pools = open.map(({ pool }) => pool).join(', ');
    return { type, status: 'Unknown', reason: Reason.CheckPending, message: `no verdict yet in pool ${pools}` };
  }
  return { type, status: 'True', reason: Reason.NodesHealthy, message: 'no check fails' };
}
