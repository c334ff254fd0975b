/** Nodes as the master saw them that wrote their statuses. */
import type { CheckResult, NodeHealthStatus } from './api/types.gen.ts';
import { type CheckState, UNMEASURED } from './check-state.ts';
import { type Check, checkName, isRunIn } from './checks.ts';
import { epoch, incarnation, poolName, type PoolName } from './ids.ts';
import type { AppliedReport, HeldVip } from './messages.ts';
import type { NodeRecord } from './manifest.ts';
import { unheardNode, type NodeEntry } from './node-table.ts';
import type { Pool } from './pool.ts';
import { Reason } from './reasons.ts';
import { MAX_CHECK_RESULTS } from './status-bounds.ts';
import { type Monotonic, monotonic, NEVER } from './time.ts';

/** Whatever a report needs and no status tells. */
const ON_RECORD = 'record';

/** The wall clock of whoever wrote the record, when it was written last: what "now" is in it. */
export function recordedAt(records: readonly NodeRecord[]): Monotonic {
  const beats = records.flatMap(({ status }) => wallMs(status?.lastHeartbeatTime) ?? []);
  return monotonic(Math.max(0, ...beats));
}

export function wallMs(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** Undefined for a node that is only declared. */
export function recordedNode(
  { name, status }: NodeRecord,
  held: readonly HeldVip[],
  pools: readonly Pool[],
  at: Monotonic,
): NodeEntry | undefined {
  if (!status) return undefined;
  const lease = { incarnation: incarnation(ON_RECORD), epoch: epoch(status.leaseEpoch ?? 0) };
  const leaseSince = monotonic(wallMs(status.leaseSince) ?? NEVER);
  const interfaces = status.interfaces ?? [];
  const applied: AppliedReport = { lease, term: undefined, version: 0, held, refused: [], rivals: [], holds: [] };
  return unheardNode(name, lease, {
    session: 0,
    labels: status.labels ?? {},
    agentVersion: status.agentVersion ?? '',
    bootId: ON_RECORD,
    leaseValid: says(status, 'Ready') !== Reason.LeaseNotHeld,
    lastHeard: at,
    gone: status.phase !== 'Unreachable' ? 'no' : hasLeft({ status }) ? 'said-goodbye' : 'lease-ended',
    healthNumber: 1,
    healthAt: at,
    interfaces: interfaces.map(({ name: link, mac = '', carrier, addresses = [] }) => ({
      name: link,
      mac,
      carrier,
      addresses,
    })),
    reach: interfaces.map((link) => ({ interface: link.name, state: link.silent === true ? 'Silent' : 'Answered' })),
    checks: recordedChecks(status, held, pools, at),
    management: UNMEASURED,
    service: UNMEASURED,
    load: status.load,
    applied,
    leaseSince,
    stableSince: monotonic(Math.max(leaseSince, flappingUntil(status))),
  });
}

/** Until then it is as one that has just come: nothing returns to it that is well elsewhere. */
const flappingUntil = ({ heldOff = [] }: NodeHealthStatus): number =>
  Math.max(NEVER, ...heldOff.flatMap(({ reason, until }) => (reason === Reason.Flapping ? (wallMs(until) ?? []) : [])));

/** The reason that a condition of the node gives. */
export const says = ({ conditions }: NodeHealthStatus, type: string): string | undefined =>
  conditions?.find((item) => item.type === type)?.reason;

/** Whether the last word on the node is that its agent was stopped. */
export const hasLeft = ({ status }: Pick<NodeRecord, 'status'>): boolean =>
  status !== undefined && says(status, 'Ready') === Reason.NodeLeft;

function recordedChecks(
  status: NodeHealthStatus,
  held: readonly HeldVip[],
  pools: readonly Pool[],
  at: Monotonic,
): CheckState[] {
  const results = status.checks ?? [];
  // Nothing else fails there: what does is being repaired.
  const repairing = says(status, 'ChecksPass') === Reason.CheckPending;
  const told = results.map((result): CheckState => {
    const { pool, name, state, output = '' } = result;
    const repaired = repairing && state === 'Failing';
    return {
      ...nothingTold(poolName(pool), checkName(name)),
      state,
      output,
      sinceMs: ageOf(result, at),
      repairing: repaired,
    };
  });
  const isFull = results.length >= MAX_CHECK_RESULTS;
  const holds = (pool: PoolName): boolean => held.some((item) => item.pool === pool);
  const isTold = ({ pool, name }: Check): boolean =>
    results.some((result) => result.pool === pool && result.name === name);
  const unsaid = pools.flatMap(({ health: { checks } }) =>
    checks.filter((check) => !isTold(check) && (isFull || !isRunIn(check, holds(check.pool)))),
  );
  return [...told, ...unsaid.map(({ pool, name }) => nothingTold(pool, name))];
}

/** Left out of a status: it passes, or is not run in the role of the node. */
const nothingTold = (pool: PoolName, name: CheckState['name']): CheckState => ({
  pool,
  name,
  state: 'Idle',
  output: '',
  durationMs: 0,
  sinceMs: 0,
  repairing: false,
});

/** What has no beginning on record began long ago. */
function ageOf({ since }: CheckResult, at: Monotonic): number {
  const began = wallMs(since);
  return began === undefined ? Number.POSITIVE_INFINITY : Math.max(0, at - began);
}
