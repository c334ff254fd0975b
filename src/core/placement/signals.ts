/** What placement takes into account beside heartbeats and manifests: made by whoever judges health, load and roles. */
import type { PoolHealth } from '../health-book.ts';
import type { NodeName, PoolName, VipAddress } from '../ids.ts';
import type { CapacityMarks } from './rules.ts';

export interface Signals {
  /** Weight of a node in every pool that does not keep away from it (`NodeHealth.spec.weight`); absent: as pools say. */
  readonly nodeWeights: ReadonlyMap<NodeName, number>;
  /** Free part of the scarcest resource of a node, 0 to 1; absent: not known, and then nothing is kept away. */
  readonly freeCapacity: ReadonlyMap<NodeName, number>;
  readonly pools: ReadonlyMap<PoolName, PoolSignals>;
}

export interface PoolSignals {
  /** What failed checks of severity Degrade take off the weight of a node, in percent; absent: nothing. */
  readonly penalties: ReadonlyMap<NodeName, number>;
  /** Nodes that have the role which the pool follows. Ignored by pools that follow none. */
  readonly followed: ReadonlySet<NodeName>;
  /** Nodes that may have it: they keep what they hold, and are given nothing. */
  readonly perhapsFollowed: ReadonlySet<NodeName>;
  /** VIPs whose return home was asked for. */
  readonly failbackAsked: ReadonlySet<VipAddress>;
  /** Nodes that an administrator drains. */
  readonly maintenance: ReadonlySet<NodeName>;
  /** What the checks of the pool say; undefined: it has none. */
  readonly health: PoolHealth | undefined;
}

export const NO_SIGNALS: Signals = { nodeWeights: new Map(), freeCapacity: new Map(), pools: new Map() };

export const NO_POOL_SIGNALS: PoolSignals = {
  penalties: new Map(),
  followed: new Set(),
  perhapsFollowed: new Set(),
  failbackAsked: new Set(),
  maintenance: new Set(),
  health: undefined,
};

/** Whole percents, so that 1 - 0.1 is not above a mark of 90. */
export const usedPercent = (free: number): number => Math.round((1 - free) * 100);

/** Nodes that are full now: those above the high mark, and those that were full and are not below the low one. */
export function fullNodes(
  marks: CapacityMarks | undefined,
  before: ReadonlySet<NodeName>,
  freeCapacity: ReadonlyMap<NodeName, number>,
): ReadonlySet<NodeName> {
  const full = new Set<NodeName>();
  if (!marks) return full;
  for (const [node, free] of freeCapacity) {
    const used = usedPercent(free);
    if (used > marks.highPercent || (before.has(node) && used >= marks.lowPercent)) full.add(node);
  }
  return full;
}
