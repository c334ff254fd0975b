/**
 * The leases that this controller knows, as it tells other controllers: in its vote, and in its answers to the master's
 * beats (failure model: Election; Node lease and fence). The table has a name that changes with its content, so that it
 * travels only then.
 */
import { sameLease } from './lease-name.ts';
import { type NodeEntry, type NodeTable, unheardNode } from './node-table.ts';
import type { NodeName } from './ids.ts';
import type { KnownLease } from './peer-messages.ts';
import { compareTerms, type Term } from './term.ts';
import type { Monotonic } from './time.ts';
import type { Timing } from './timing.ts';

/** A refused agent knocks at least this often. */
const knockLifeMs = ({ heartbeatMs }: Timing): number => 3 * heartbeatMs;

/** @param asking the term of who asks: restorations of another one are none to it */
export function knownLeases(
  table: NodeTable,
  asking: Term | undefined,
  now: Monotonic,
  timing: Timing,
): readonly KnownLease[] {
  const leases: KnownLease[] = [];
  for (const entry of table.values()) {
    const { node, lease, gone, restored, past, holds } = entry;
    for (const old of past) leases.push({ node, lease: old, revoked: true, restored: 0, knocking: false, holds: [] });
    const number = restored && asking && compareTerms(restored.term, asking) === 0 ? restored.number : 0;
    const knocking = knocks(entry, now, timing);
    leases.push({ node, lease, revoked: gone !== 'no', restored: number, knocking, holds });
  }
  return leases;
}

export const knocks = ({ gone, knockedAt }: NodeEntry, now: Monotonic, timing: Timing): boolean =>
  gone === 'lease-ended' && now - knockedAt < knockLifeMs(timing);

/** Whether other controllers would be told something else of this node. */
export function tellsMore(before: NodeEntry | undefined, after: NodeEntry, now: Monotonic, timing: Timing): boolean {
  return (
    !before ||
    before.gone !== after.gone ||
    !sameLease(before.lease, after.lease) ||
    before.restored !== after.restored ||
    before.past !== after.past ||
    (before.holds !== after.holds && JSON.stringify(before.holds) !== JSON.stringify(after.holds)) ||
    (after.gone === 'lease-ended' && knocks(before, now, timing) !== knocks(after, now, timing))
  );
}

/** The table of an earlier run, as if every lease that was not revoked had been acknowledged just now. */
export function recalledTable(leases: readonly KnownLease[], now: Monotonic): NodeTable {
  const table = new Map<NodeName, NodeEntry>();
  for (const { node, lease, revoked, holds } of leases) {
    // A node's own lease comes last, after those of its earlier incarnations.
    const past = table.get(node);
    const gone = revoked ? 'lease-ended' : 'no';
    const earlier = past ? [...past.past, past.lease] : [];
    table.set(node, unheardNode(node, lease, { lastHeard: now, gone, past: earlier, holds }));
  }
  return table;
}
