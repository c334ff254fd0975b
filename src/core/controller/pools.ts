/** The declared pools as the controller works on them: the last valid version of each, without conflicts. */
import type { VipPoolStatus } from '../api/types.gen.ts';
import type { NodeName, PoolName, VipAddress } from '../ids.ts';
import { nodeName, vipAddress } from '../ids.ts';
import { type MovedHomes, movedHomesOf } from '../moved-homes.ts';
import type { NodeRecord, PoolManifest, SourceSnapshot } from '../manifest.ts';
import { type NodeRecords, recordedLabels } from '../membership.ts';
import { type HostLabels, labelsOf } from '../node-labels.ts';
import { parsePool } from '../pool-spec.ts';
import { findLostAddresses, type LostAddress } from '../pool-conflicts.ts';
import type { Pool, Problem } from '../pool.ts';
import { readNodeSpecs, type NodeSpecs } from './node-specs.ts';

export interface PoolBook {
  readonly manifests: ReadonlyMap<PoolName, PoolManifest>;
  /** Newest valid version, also while the manifest has become invalid. */
  readonly valid: ReadonlyMap<PoolName, Pool>;
  /** What is wrong with the newest manifest. */
  readonly problems: ReadonlyMap<PoolName, readonly Problem[]>;
  /** Valid pools without the addresses that an older pool claims. */
  readonly effective: readonly Pool[];
  readonly conflicts: ReadonlyMap<PoolName, readonly LostAddress[]>;
  readonly nodes: readonly NodeRecord[];
  readonly nodeSpecs: NodeSpecs;
  readonly hostLabels: HostLabels | undefined;
  /** Labels of the nodes that were ever heard of: one that is only declared is no member of any pool. */
  readonly records: NodeRecords;
  readonly previousHomes: ReadonlyMap<VipAddress, NodeName>;
  readonly previousMoves: MovedHomes;
  /** Who was on record as holding each VIP. */
  readonly recordedHolders: ReadonlyMap<VipAddress, NodeName>;
  readonly complete: boolean;
}

export function readSnapshot(before: PoolBook | undefined, snapshot: SourceSnapshot): PoolBook {
  const valid = new Map<PoolName, Pool>();
  const problems = new Map<PoolName, readonly Problem[]>();
  for (const manifest of snapshot.pools) {
    if (manifest.deleting) continue;
    const known = before?.manifests.get(manifest.name);
    const last = known?.uid === manifest.uid ? before?.valid.get(manifest.name) : undefined;
    if (last?.generation === manifest.generation) {
      valid.set(manifest.name, last);
      continue;
    }
    const parsed = parsePool(manifest);
    if (parsed.ok) {
      valid.set(manifest.name, parsed.value);
    } else {
      problems.set(manifest.name, parsed.problems);
      if (last) valid.set(manifest.name, last);
    }
  }
  const conflicts = findLostAddresses([...valid.values()]);
  return {
    manifests: new Map(snapshot.pools.map((manifest) => [manifest.name, manifest])),
    valid,
    problems,
    effective: [...valid.values()].map((pool) => withoutLost(pool, conflicts.get(pool.name))),
    conflicts,
    nodes: snapshot.nodes,
    nodeSpecs: readNodeSpecs(before?.nodeSpecs, snapshot.nodes),
    hostLabels: snapshot.hostLabels,
    records: recordsOf(snapshot),
    previousHomes: bindingsOf(snapshot, ({ home }) => home),
    previousMoves: movedHomesOf(snapshot.pools),
    recordedHolders: bindingsOf(snapshot, ({ node, state }) => (state === 'Bound' ? node : undefined)),
    complete: snapshot.complete,
  };
}

function withoutLost(pool: Pool, lost: readonly LostAddress[] | undefined): Pool {
  if (!lost) return pool;
  const gone = new Set(lost.map((item) => item.vip));
  return { ...pool, vips: pool.vips.filter((vip) => !gone.has(vip)) };
}

const recordsOf = ({ nodes, hostLabels }: SourceSnapshot): NodeRecords =>
  new Map([...recordedLabels(nodes)].map(([node, labels]) => [node, labelsOf(labels, hostLabels?.get(node))]));

type Binding = NonNullable<VipPoolStatus['bindings']>[number];

function bindingsOf(
  snapshot: SourceSnapshot,
  nodeOf: (binding: Binding) => string | undefined,
): Map<VipAddress, NodeName> {
  const nodes = new Map<VipAddress, NodeName>();
  for (const manifest of snapshot.pools) {
    for (const binding of manifest.status?.bindings ?? []) {
      const node = nodeOf(binding);
      if (node !== undefined) nodes.set(vipAddress(binding.address), nodeName(node));
    }
  }
  return nodes;
}

/** Nothing valid is known of such a pool, and it was not removed: what its VIPs do must not change. */
export function isFrozen(book: PoolBook, pool: PoolName): boolean {
  const manifest = book.manifests.get(pool);
  if (!manifest) return !book.complete;
  return !manifest.deleting && !book.valid.has(pool);
}
