import type { Condition, NodeHealthStatus, VipPoolStatus } from '../../core/api/types.gen.ts';
import { compareText } from '../../core/compare-text.ts';
import { isBad, isRepetition } from '../../core/condition-table.ts';
import { compareIps, parseIp } from '../../core/ip.ts';
import { Reason } from '../../core/reasons.ts';
import type { PoolManifest, SourceProblem, SourceSnapshot } from '../../ports/source.ts';

/**
 * What `vippool status -o json|yaml` prints. Field names are stable; fields may be added. What is not known is missing.
 * Times are RFC 3339.
 */
export interface StatusReport {
  readonly pools: readonly PoolRow[];
  /** Pool by pool, addresses in numeric order. */
  readonly vips: readonly VipRow[];
  readonly nodes: readonly NodeRow[];
  readonly problems: readonly SourceProblem[];
  /** False: a manifest was never readable, so pools may be missing here. */
  readonly complete: boolean;
}

export interface PoolRow {
  readonly name: string;
  /** Why the pool is degraded; missing where it is not. */
  readonly degraded?: { readonly reason: string; readonly message: string };
  /** Status of the condition `Ready`. */
  readonly ready: 'True' | 'False' | 'Unknown';
  /** Reason and message of the condition `Ready`. */
  readonly reason?: string;
  readonly message?: string;
  /** Conditions that are not as they should be; missing where all are. */
  readonly badConditions?: readonly Condition[];
  readonly assigned?: number;
  readonly total?: number;
  readonly nodes?: number;
  readonly master?: string;
  /** How many controllers decide, and whether they change: message of the condition `ControllersVote`. */
  readonly controllers?: string;
  readonly deleting: boolean;
  readonly createdAt: string;
}

export type VipRow = NonNullable<VipPoolStatus['bindings']>[number] & { readonly pool: string };

export interface NodeRow {
  readonly name: string;
  readonly phase: NodeHealthStatus['phase'] | 'Unknown';
  readonly vipCount: number;
  readonly lastHeartbeatTime?: string;
  readonly interfaces: readonly { readonly name: string; readonly carrier: boolean }[];
  readonly agentVersion?: string;
  readonly leaseEpoch?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Conditions that are not as they should be; missing where all are. */
  readonly badConditions?: readonly Condition[];
  /** Missing where nothing is checked on the node. */
  readonly checks?: readonly CheckRow[];
  /** Pools that avoid the node for a while, since it or its checks flapped. */
  readonly heldOff?: NonNullable<NodeHealthStatus['heldOff']>;
}

export type CheckRow = NonNullable<NodeHealthStatus['checks']>[number];

export function reportOf(snapshot: SourceSnapshot): StatusReport {
  const pools = snapshot.pools.toSorted((a, b) => compareText(a.name, b.name));
  return {
    pools: pools.map(poolRow),
    vips: pools.flatMap(vipRows),
    nodes: snapshot.nodes.map(nodeRow).toSorted((a, b) => compareText(a.name, b.name)),
    problems: snapshot.problems,
    complete: snapshot.complete,
  };
}

function poolRow({ name, deleting, createdAt, status = {} }: PoolManifest): PoolRow {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const degraded = status.conditions?.find((item) => item.type === 'Degraded' && item.status === 'True');
  const vote = status.conditions?.find(({ type }) => type === 'ControllersVote');
  return {
    name,
    ready: ready?.status ?? 'Unknown',
    ...(ready && { reason: ready.reason, message: ready.message }),
    ...(degraded && { degraded: { reason: degraded.reason, message: degraded.message } }),
    ...badConditionsOf(status),
    ...(status.assigned !== undefined && { assigned: status.assigned }),
    ...(status.total !== undefined && { total: status.total }),
    ...(status.nodes !== undefined && { nodes: status.nodes }),
    ...(status.master !== undefined && { master: status.master }),
    ...(vote !== undefined && { controllers: vote.message }),
    deleting,
    createdAt,
  };
}

function vipRows({ name, status }: PoolManifest): readonly VipRow[] {
  const rows = (status?.bindings ?? []).map((binding): VipRow => ({ pool: name, ...binding }));
  return rows.toSorted((a, b) => compareAddresses(a.address, b.address));
}

function nodeRow({ name, status }: SourceSnapshot['nodes'][number]): NodeRow {
  return {
    name,
    phase: status?.phase ?? 'Unknown',
    vipCount: status?.vipCount ?? status?.vips?.length ?? 0,
    ...(status?.lastHeartbeatTime !== undefined && { lastHeartbeatTime: status.lastHeartbeatTime }),
    interfaces: (status?.interfaces ?? []).map(({ name, carrier }) => ({ name, carrier })),
    ...(status?.agentVersion !== undefined && { agentVersion: status.agentVersion }),
    ...(status?.leaseEpoch !== undefined && { leaseEpoch: status.leaseEpoch }),
    labels: status?.labels ?? {},
    ...badConditionsOf(status),
    ...(status?.checks !== undefined && status.checks.length > 0 && { checks: status.checks }),
    ...(status?.heldOff !== undefined && { heldOff: status.heldOff }),
  };
}

/** Each is told once; that nobody knows more of a node because it is lost says its condition `Ready`. */
function badConditionsOf({ conditions = [] }: { readonly conditions?: readonly Condition[] } = {}): Pick<
  PoolRow,
  'badConditions'
> {
  const bad = conditions.filter(
    (item) => isBad(item) && !isRepetition(item) && !(item.status === 'Unknown' && item.reason === Reason.NodeLost),
  );
  return bad.length === 0 ? {} : { badConditions: bad };
}

function compareAddresses(a: string, b: string): number {
  const [left, right] = [parseIp(a), parseIp(b)];
  return left && right ? compareIps(left, right) : compareText(a, b);
}
