/** Whether anybody else may hold what a node goes on with, as far as a master knows that did not give it away itself. */
import { blockersOf, type Commitments, mayHold, settle } from '../commitments.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { sameLease } from '../lease-name.ts';
import { judge, type Verdicts } from '../lease-verdicts.ts';
import type { MasterState } from '../master.ts';
import type { LeaseName } from '../messages.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import { compareTerms } from '../term.ts';
import type { Monotonic } from '../time.ts';
import { abstentionMs } from '../timing.ts';
import type { ControllerConfig, ControllerState } from './controller-state.ts';
import { others, quorum } from './mandate.ts';

/** The lease may have been over in an earlier reign: what was given away then, only that master knew. */
export const isFromBefore = ({ inherited }: Verdicts, node: NodeName, lease: LeaseName): boolean =>
  inherited.some((item) => item.node === node && item.revoked && sameLease(item.lease, lease));

/**
 * So many controllers say now that they have not revoked the lease that no majority can have done so. Of a lease that rests
 * on an earlier electorate a majority of that one may have: those that are left say nothing about it.
 */
export function isUpheld(
  state: ControllerState,
  { peers }: Verdicts,
  node: NodeName,
  lease: LeaseName,
  now: Monotonic,
  config: ControllerConfig,
): boolean {
  const version = state.electorate?.version ?? 0;
  if (version > 1 && (state.nodes.get(node)?.electorate ?? 0) < version) return false;
  const upholding = others(state, config).filter((id) => {
    const table = peers.get(id);
    const known = table && now < table.freshUntil ? table.leases.get(node)?.at(-1) : undefined;
    return known !== undefined && !known.revoked && sameLease(known.lease, lease);
  });
  return upholding.length + quorum(state) > others(state, config).length + 1;
}

/**
 * A node that says it has no lease holds nothing but what it reported: it told of that before, on the same stream, and
 * obeys no assignment. What came on a stream that has ended may be old: the node may have a lease again, from others.
 */
export function heldWithoutLease(entry: NodeEntry | undefined, lease: LeaseName): readonly VipAddress[] | undefined {
  if (!entry?.applied || entry.session === undefined || entry.leaseValid) return undefined;
  const { applied } = entry;
  const isThis = sameLease(entry.lease, lease) && sameLease(applied.lease, lease);
  return isThis ? applied.held.map(({ vip }) => vip) : undefined;
}

/**
 * All that a node may hold which has passed over everything that this master sent it: nothing of that is bound any more.
 * Where nothing was sent, it is what the node goes on with. Undefined for every other node.
 */
export function heldForCertain(
  entry: NodeEntry | undefined,
  lease: LeaseName,
  { term, versions }: MasterState,
): readonly VipAddress[] | undefined {
  if (!entry) return undefined;
  const sent = versions.get(entry.node);
  if (sent === undefined) return heldWithoutLease(entry, lease);
  const report = entry.applied;
  if (!report?.term || !sameLease(report.lease, lease) || compareTerms(report.term, term) !== 0) return undefined;
  if (report.version <= sent) return undefined;
  return [...report.held, ...report.refused].map(({ vip }) => vip);
}

/** What nodes may hold whose leases are not over. */
export interface Claims {
  /** As judged. */
  readonly nodes: NodeTable;
  readonly commitments: Commitments;
  readonly holders: ReadonlyMap<VipAddress, readonly NodeName[]>;
  /** Nodes that may hold anything. */
  readonly unknown: readonly NodeName[];
}

export function claimsOf(
  state: ControllerState,
  verdicts: Verdicts,
  { term, commitments, suspended }: MasterState,
  now: Monotonic,
  config: ControllerConfig,
): Claims {
  const abstention = abstentionMs(config.timing);
  const { nodes } = judge(state.nodes, verdicts, others(state, config), quorum(state), term, abstention, now);
  const settled = settle(commitments, nodes, term, suspended);
  const { holders, unsettled } = blockersOf(nodes, settled, term);
  const unknown = unsettled.filter((node) => {
    const entry = nodes.get(node);
    return !entry || !heldWithoutLease(entry, entry.lease);
  });
  return { nodes, commitments: settled, holders, unknown };
}

/**
 * All that a node may hold under a lease, where nobody else may hold any of it; undefined where somebody may, or where
 * that is not known. Its own claim is none against it: a lease that a majority acknowledges already is one of those that
 * the others have to take up again.
 */
export function heldAlone(
  entry: NodeEntry,
  lease: LeaseName,
  { nodes, commitments, holders, unknown }: Claims,
): readonly VipAddress[] | undefined {
  const judged = nodes.get(entry.node);
  const isOwn = judged?.gone === 'no' && sameLease(judged.lease, lease);
  const isOther = (node: NodeName): boolean => !isOwn || node !== entry.node;
  if (unknown.some(isOther)) return undefined;
  const isKnown = isOwn && unknown.length === 0;
  const held =
    heldWithoutLease(entry, lease) ?? (isKnown ? [...mayHold(judged, commitments.get(entry.node))] : undefined);
  return held?.some((vip) => holders.get(vip)?.some(isOther)) ? undefined : held;
}
