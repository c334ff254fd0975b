/**
 * What the master has told each node in this term and what the node may therefore still hold: the bookkeeping behind
 * "VIP v is free" (failure model: Assignments).
 */
import type { NodeName, VipAddress } from './ids.ts';
import { sameLease } from './lease-name.ts';
import type { AssignedVip, HoldPool, LeaseName } from './messages.ts';
import type { NodeEntry, NodeTable } from './node-table.ts';
import { compareTerms, type Term } from './term.ts';

export interface Commitment {
  readonly lease: LeaseName;
  /** Stream that the newest version was sent on. */
  readonly session: number;
  readonly version: number;
  /** The newest set that was sent. */
  readonly vips: ReadonlyMap<VipAddress, AssignedVip>;
  /** Sent with it. */
  readonly holdPools: readonly HoldPool[];
  /** Whether the node confirmed any version of this term for this lease. */
  readonly settled: boolean;
  /** Everything in a version that was sent and not yet superseded by a confirmed one, and what the node says it holds. */
  readonly possible: ReadonlySet<VipAddress>;
  /** Its lease was over and was taken up again: the node is told anew. */
  readonly resumed: boolean;
}

export type Commitments = ReadonlyMap<NodeName, Commitment>;

/** Whether the node was told to let go of something and has not confirmed it. */
export const isReleasing = ({ possible, vips }: Commitment): boolean => [...possible].some((vip) => !vips.has(vip));

/** Takes in what the nodes reported: confirmed versions narrow what they may hold, an ended lease voids its commitment. */
export function settle(
  commitments: Commitments,
  nodes: NodeTable,
  term: Term,
  suspended: Commitments = new Map(),
): Map<NodeName, Commitment> {
  const next = new Map<NodeName, Commitment>();
  const resumed = [...suspended].map(([node, commitment]) => [node, outlasting(commitment)] as const);
  for (const [node, commitment] of [...resumed, ...commitments]) {
    const entry = nodes.get(node);
    if (!entry || entry.gone !== 'no' || !sameLease(entry.lease, commitment.lease)) continue;
    next.set(node, confirmed(commitment, entry, term));
  }
  return next;
}

/**
 * What was sent under leases that are over. Such a lease may be taken up again while its node goes on with what it had
 * accepted (failure model: Hold), and a report from before that says too little.
 */
export function suspend(suspended: Commitments, commitments: Commitments, nodes: NodeTable): Commitments {
  const all = [...suspended, ...commitments].filter(([node, { lease }]) => {
    const entry = nodes.get(node);
    return entry?.gone === 'lease-ended' && sameLease(entry.lease, lease);
  });
  return new Map(all);
}

/** Without what ended with the lease; others may have been given that since. */
const outlasting = (commitment: Commitment): Commitment => ({
  ...commitment,
  resumed: true,
  vips: new Map([...commitment.vips].filter(([, { pool }]) => commitment.holdPools.some(({ name }) => name === pool))),
});

function confirmed(commitment: Commitment, entry: NodeEntry, term: Term): Commitment {
  const report = entry.applied;
  const underThisTerm =
    report?.term !== undefined && compareTerms(report.term, term) === 0 && sameLease(report.lease, commitment.lease);
  if (!underThisTerm) return commitment;
  const possible = new Set<VipAddress>();
  if (report.version < commitment.version) {
    for (const vip of commitment.possible) possible.add(vip);
  } else if (report.version === commitment.version) {
    for (const vip of commitment.vips.keys()) if (!isRefused(entry, commitment, vip)) possible.add(vip);
  }
  for (const { vip } of report.held) possible.add(vip);
  // A node that has passed over what we sent binds nothing of that any more, unless it is sent anew; until then others may
  // take up again what they go on with (!).
  const isPassedOver = report.version > commitment.version;
  const vips = isPassedOver ? new Map([...commitment.vips].filter(([vip]) => possible.has(vip))) : commitment.vips;
  return { ...commitment, settled: true, possible, vips };
}

/** The node told that it does not bind the VIP of the newest version; it does not try again by itself. */
export function isRefused(entry: NodeEntry, commitment: Commitment | undefined, vip: VipAddress): boolean {
  const report = entry.applied;
  if (!report || !commitment || report.version < commitment.version) return false;
  return report.refused.some((item) => item.vip === vip) && !report.held.some((item) => item.vip === vip);
}

/** Everything that a node may hold at this instant, as far as the master can know. */
export function mayHold(entry: NodeEntry, commitment: Commitment | undefined): ReadonlySet<VipAddress> {
  if (entry.gone !== 'no') return NOTHING;
  const possible = commitment?.possible ?? NOTHING;
  const more = entry.applied?.held.filter(({ vip }) => !possible.has(vip)) ?? [];
  return more.length === 0 ? possible : new Set([...possible, ...more.map(({ vip }) => vip)]);
}

const NOTHING: ReadonlySet<VipAddress> = new Set();

export interface Blockers {
  /** Nodes that may hold the VIP. */
  readonly holders: ReadonlyMap<VipAddress, readonly NodeName[]>;
  /** Nodes that may hold anything: heard of, lease not ended, nothing confirmed under this term. */
  readonly unsettled: readonly NodeName[];
  /** VIPs that a node without a lease may hold by the confirmations of its peers. */
  readonly kept: ReadonlySet<VipAddress>;
}

/**
 * Whether a node may hold VIPs that this master never gave it. Not once it has confirmed a version of this term; and not
 * while it has no lease, reports that it holds nothing, and knows our term: then it refuses every older assignment.
 */
export function isUnsettled(entry: NodeEntry, commitment: Commitment | undefined, term: Term): boolean {
  if (commitment?.settled) return false;
  const { applied, highestTerm, lease, leaseValid } = entry;
  const empty = !leaseValid && applied !== undefined && sameLease(applied.lease, lease) && applied.held.length === 0;
  return !(empty && highestTerm !== undefined && compareTerms(highestTerm, term) >= 0);
}

/**
 * Whether what the node told is what it holds now: it refuses every assignment of an earlier master. Until then it keeps
 * what that one gave it; to tell it so again would give it back what it has let go of meanwhile.
 */
export const knowsTerm = ({ highestTerm }: NodeEntry, commitment: Commitment | undefined, term: Term): boolean =>
  commitment !== undefined || (highestTerm !== undefined && compareTerms(highestTerm, term) >= 0);

export function blockersOf(
  nodes: NodeTable,
  commitments: Commitments,
  term: Term,
  kept: ReadonlySet<VipAddress> = new Set(),
): Blockers {
  const holders = new Map<VipAddress, NodeName[]>();
  const unsettled: NodeName[] = [];
  for (const entry of nodes.values()) {
    if (entry.gone !== 'no') continue;
    const commitment = commitments.get(entry.node);
    if (isUnsettled(entry, commitment, term)) unsettled.push(entry.node);
    for (const vip of mayHold(entry, commitment)) {
      const list = holders.get(vip);
      if (list) list.push(entry.node);
      else holders.set(vip, [entry.node]);
    }
  }
  return { holders, unsettled, kept };
}

/** Whether nobody else is known to hold the VIP; of nodes that have not answered yet this says nothing. */
export const isHeldByNoOther = ({ holders }: Blockers, vip: VipAddress, node: NodeName): boolean =>
  (holders.get(vip) ?? []).every((holder) => holder === node);

/** Whether no node other than these may hold the VIP. */
export function isFree(blockers: Blockers, vip: VipAddress, ...apartFrom: readonly (NodeName | undefined)[]): boolean {
  const others = (nodes: readonly NodeName[]): boolean => nodes.some((node) => !apartFrom.includes(node));
  return !blockers.kept.has(vip) && !others(blockers.unsettled) && !others(blockers.holders.get(vip) ?? []);
}
