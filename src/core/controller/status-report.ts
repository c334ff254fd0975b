/** Raw material of every status, collected when something changed and rendered when it is written. */
import type { PoolName } from '../ids.ts';
import type { NodeRecord, PoolManifest } from '../manifest.ts';
import { isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { LostAddress } from '../pool-conflicts.ts';
import type { PoolView } from '../pool-view.ts';
import type { Problem } from '../pool.ts';
import type { Term } from '../term.ts';
import type { ControllerConfig } from './controller-state.ts';
import type { PoolBook } from './pools.ts';

export interface PoolReport {
  readonly manifest: PoolManifest;
  /** Undefined where no version of the pool was ever valid, or it is being removed. */
  readonly view: PoolView | undefined;
  readonly problems: readonly Problem[];
  readonly conflicts: readonly LostAddress[];
  /** Controllers of the electorate. */
  readonly controllers: number;
  readonly term: Term;
}

export interface NodeReport {
  readonly name: string;
  /** Undefined: on record, but nothing was ever heard of it by this controller. */
  readonly entry: NodeEntry | undefined;
  /** Milliseconds since its last heartbeat. */
  readonly silentMs: number;
  readonly record: NodeRecord | undefined;
  /** What is wrong with the spec of its NodeHealth. */
  readonly problems: readonly Problem[];
  /** What another node met when it wanted to take over: this one still answers. */
  readonly answering: string | undefined;
  readonly term: Term;
}

export interface StatusReport {
  readonly pools: ReadonlyMap<PoolName, PoolReport>;
  readonly nodes: ReadonlyMap<string, NodeReport>;
}

/** A refusal that names a MAC of this node. */
function contradiction(entry: NodeEntry, views: readonly PoolView[]): string | undefined {
  const refusals = views.flatMap((view) => view.refusals).filter(({ reason }) => reason === 'HolderAnswers');
  return refusals.find(({ message }) => entry.interfaces.some(({ mac }) => mac !== '' && message.includes(mac)))
    ?.message;
}

export function statusReport(
  pools: PoolBook,
  table: NodeTable,
  views: readonly PoolView[],
  { electorate }: ControllerConfig,
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
      controllers: electorate.members.length,
      term,
    });
  }
  const nodes = new Map<string, NodeReport>();
  for (const record of pools.nodes)
    nodes.set(record.name, {
      name: record.name,
      entry: undefined,
      silentMs: 0,
      record,
      problems: pools.nodeSpecs.get(record.name)?.problems ?? [],
      answering: undefined,
      term,
    });
  for (const entry of table.values()) {
    // A lost node whose record somebody removed is not brought back.
    if ((entry.gone !== 'no' || !isHeard(entry)) && !nodes.has(entry.node)) continue;
    const { record, problems = [] } = nodes.get(entry.node) ?? {};
    const answering = entry.gone === 'no' ? undefined : contradiction(entry, views);
    const heard = isHeard(entry) ? entry : undefined;
    const silentMs = now - entry.lastHeard;
    nodes.set(entry.node, { name: entry.node, entry: heard, silentMs, record, problems, answering, term });
  }
  return { pools: reports, nodes };
}
