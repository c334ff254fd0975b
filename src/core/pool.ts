import type { HealthSpec } from './health-spec.ts';
import type { NodeName, PoolName, VipAddress } from './ids.ts';
import type { Family } from './ip.ts';
import type { AnnouncePolicy } from './messages.ts';
import { hasLabels, type PlacementRules } from './placement/rules.ts';

/** A VipPool after validation and defaulting: what reconciliation works on. core/pool-spec.ts makes it from a manifest. */
export interface Pool {
  readonly name: PoolName;
  /** metadata.generation of the manifest this was read from. */
  readonly generation: number;
  /** RFC 3339; older pools win a conflict about an address. */
  readonly createdAt: string;
  /** Every address of the pool, canonical, without duplicates, in numeric order, IPv4 first. */
  readonly vips: readonly VipAddress[];
  readonly interface: InterfaceSelector;
  readonly prefixLength: Readonly<Record<Family, number>>;
  /** Labels that a node must all have; empty matches every node. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Explicit homes, by VIP. */
  readonly homes: ReadonlyMap<VipAddress, NodeName>;
  readonly placement: PlacementRules;
  readonly failback: Failback;
  readonly health: HealthSpec;
  readonly announce: AnnouncePolicy;
  /** Without a majority of the controllers: let go within the lease, or hold what a majority of the pool confirms. */
  readonly onQuorumLoss: 'Hold' | 'Release';
}

export type InterfaceSelector =
  /** The first of these names that the node has. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** The interface whose own subnet contains the VIP. */
  | { readonly kind: 'matchSubnet' };

export interface Failback {
  readonly policy: 'Automatic' | 'Manual' | 'Never';
  /** Continuous health of the home node before a VIP returns to it. */
  readonly delayMs: number;
}

/** One thing that is wrong with a manifest: where, what, and what to write instead. */
export interface Problem {
  /** Path in the manifest, for example "spec.addresses[2]". */
  readonly path: string;
  /** A sentence for the author of the manifest; says what to write instead. */
  readonly message: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

export const matchesSelector = (pool: Pool, labels: Readonly<Record<string, string>>): boolean =>
  hasLabels(pool.nodeSelector, labels);
