/** Whether anybody else may hold what a node goes on with, as far as a master knows that did not give it away itself. */
import { isUnsettled, mayHold, settle } from '../commitments.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { sameLease } from '../lease-name.ts';
import { judge, type Verdicts } from '../lease-verdicts.ts';
import type { MasterState } from '../master.ts';
import type { LeaseName } from '../messages.ts';
import type { NodeEntry } from '../node-table.ts';
import { compareTerms } from '../term.ts';
import type { Monotonic } from '../time.ts';
import { abstentionMs } from '../timing.ts';
import type { ControllerConfig, ControllerState } from './controller-state.ts';
import { others, quorum } from './mandate.ts';

/** The lease may have been over in an earlier reign: what was given away then, only that master knew. */
export const isFromBefore = ({ inherited }: Verdicts, node: NodeName, lease: LeaseName): boolean =>
  inherited.some((item) => item.node === node && item.revoked && sameLease(item.lease, lease));

/** So many controllers say now that they have not revoked the lease that no majority can have done so. */
export function isUpheld(
  { peers }: Verdicts,
  node: NodeName,
  lease: LeaseName,
  now: Monotonic,
  config: ControllerConfig,
): boolean {
  const upholding = others(config).filter((id) => {
    const table = peers.get(id);
    const known = table && now < table.freshUntil ? table.leases.get(node)?.at(-1) : undefined;
    return known !== undefined && !known.revoked && sameLease(known.lease, lease);
  });
  return upholding.length + quorum(config) > config.electorate.members.length;
}

/**
 * A node that says it has no lease holds nothing but what it reported: it told of that before, on the same stream, and
 * obeys no assignment.
 */
export const heldWithoutLease = (entry: NodeEntry | undefined, lease: LeaseName): readonly VipAddress[] | undefined =>
  entry?.applied && !entry.leaseValid && sameLease(entry.lease, lease) && sameLease(entry.applied.lease, lease)
    ? entry.applied.held.map(({ vip }) => vip)
    : undefined;

/**
 * All that a node may hold which has passed over everything that this master sent it: nothing of that is bound any more.
 * Undefined for every other node.
 */
export function heldForCertain(
  entry: NodeEntry | undefined,
  lease: LeaseName,
  { term, versions }: MasterState,
): readonly VipAddress[] | undefined {
  const report = entry?.applied;
  if (!entry || !report?.term || !sameLease(report.lease, lease) || compareTerms(report.term, term) !== 0)
    return undefined;
  if (report.version <= (versions.get(entry.node) ?? 0)) return undefined;
  return [...report.held, ...report.refused].map(({ vip }) => vip);
}

/** What nodes with a lease may hold; undefined while one of them may hold anything. */
export function claimed(
  state: ControllerState,
  verdicts: Verdicts,
  { term, commitments, suspended }: MasterState,
  now: Monotonic,
  config: ControllerConfig,
): ReadonlySet<VipAddress> | undefined {
  const abstention = abstentionMs(config.timing);
  const { nodes } = judge(state.nodes, verdicts, others(config), quorum(config), term, abstention, now);
  const settled = settle(commitments, nodes, term, suspended);
  const all = new Set<VipAddress>();
  for (const entry of nodes.values()) {
    if (entry.gone !== 'no') continue;
    const commitment = settled.get(entry.node);
    if (isUnsettled(entry, commitment, term) && !heldWithoutLease(entry, entry.lease)) return undefined;
    for (const vip of mayHold(entry, commitment)) all.add(vip);
  }
  return all;
}
