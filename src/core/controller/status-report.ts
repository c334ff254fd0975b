/** Raw material of every status, collected when something changed and rendered when it is written. */
import type { PoolName } from '../ids.ts';
import type { NodeRecord, PoolManifest } from '../manifest.ts';
import { isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { LostAddress } from '../pool-conflicts.ts';
import type { PoolView } from '../pool-view.ts';
import type { Problem } from '../pool.ts';
import type { Term } from '../term.ts';
import type { PoolBook } from './pools.ts';

export interface PoolReport {
  readonly manifest: PoolManifest;
  /** Undefined where no version of the pool was ever valid, or it is being removed. */
  readonly view: PoolView | undefined;
  readonly problems: readonly Problem[];
  readonly conflicts: readonly LostAddress[];
  readonly term: Term;
}

export interface NodeReport {
  readonly name: string;
  /** Undefined: on record, but nothing was ever heard of it by this controller. */
  readonly entry: NodeEntry | undefined;
  /** Milliseconds since its last heartbeat. */
  readonly silentMs: number;
  readonly record: NodeRecord | undefined;
  readonly term: Term;
}

export interface StatusReport {
  readonly pools: ReadonlyMap<PoolName, PoolReport>;
  readonly nodes: ReadonlyMap<string, NodeReport>;
}

export function statusReport(
  pools: PoolBook,
  table: NodeTable,
  views: readonly PoolView[],
  term: Term,
  now: number,
): StatusReport {
  const viewOf = new Map(views.map((view) => [view.pool, view]));
  const reports = new Map<PoolName, PoolReport>();
  for (const manifest of pools.manifests.values()) {
    reports.set(manifest.name, {
      manifest,
      view: viewOf.get(manifest.name),
      problems: pools.problems.get(manifest.name) ?? [],
      conflicts: pools.conflicts.get(manifest.name) ?? [],
      term,
    });
  }
  const nodes = new Map<string, NodeReport>();
  for (const record of pools.nodes)
    nodes.set(record.name, { name: record.name, entry: undefined, silentMs: 0, record, term });
  for (const entry of table.values()) {
    // A lost node whose record somebody removed is not brought back.
    if ((entry.gone !== 'no' || !isHeard(entry)) && !nodes.has(entry.node)) continue;
    const record = nodes.get(entry.node)?.record;
    const heard = isHeard(entry) ? entry : undefined;
    nodes.set(entry.node, { name: entry.node, entry: heard, silentMs: now - entry.lastHeard, record, term });
  }
  return { pools: reports, nodes };
}
