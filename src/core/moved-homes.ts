/**
 * Homes that an administrator gave to single VIPs by a task: they go before those of the manifest until a failback, or
 * until the manifest names another home than the VIP had when it was moved.
 */
import type { NodeName, VipAddress } from './ids.ts';
import { nodeName, vipAddress } from './ids.ts';
import type { PoolManifest } from './manifest.ts';
import type { Pool } from './pool.ts';

export interface MovedHome {
  readonly home: NodeName;
  /** What it had before it was moved; undefined: none. */
  readonly usual: NodeName | undefined;
}

export type MovedHomes = ReadonlyMap<VipAddress, MovedHome>;

export const NO_MOVES: MovedHomes = new Map();

/** In a status: the VIP had no home before it was moved. */
export const NO_HOME = '';

/** As the statuses of the pools tell. */
export function movedHomesOf(manifests: readonly Pick<PoolManifest, 'status'>[]): MovedHomes {
  const moved = new Map<VipAddress, MovedHome>();
  for (const { status } of manifests) {
    for (const { address, home, usualHome } of status?.bindings ?? []) {
      if (home === undefined || usualHome === undefined) continue;
      moved.set(vipAddress(address), {
        home: nodeName(home),
        usual: usualHome === NO_HOME ? undefined : nodeName(usualHome),
      });
    }
  }
  return moved.size === 0 ? NO_MOVES : moved;
}

/** Those that still count; the same object where all of them do. */
export function stillMoved(
  moved: MovedHomes,
  pools: readonly Pool[],
  members: readonly { readonly node: NodeName }[],
): MovedHomes {
  if (moved.size === 0) return moved;
  const known = new Set(members.map(({ node }) => node));
  const left = new Map(moved);
  for (const [vip, { home }] of moved) if (!known.has(home)) left.delete(vip);
  for (const { homes } of pools) {
    for (const [vip, home] of homes) {
      const own = left.get(vip);
      if (own && own.usual !== home) left.delete(vip);
    }
  }
  return left.size === moved.size ? moved : left;
}

/** Homes with those of VIPs that were moved in their place: balance is not affected, so nothing else moves. */
export function withMoves(
  homes: ReadonlyMap<VipAddress, NodeName>,
  { vips }: Pool,
  moved: MovedHomes,
): ReadonlyMap<VipAddress, NodeName> {
  if (moved.size === 0) return homes;
  const own = vips.flatMap((vip) => [[vip, moved.get(vip)?.home] as const]);
  return new Map([...homes, ...own.flatMap(([vip, home]) => (home === undefined ? [] : [[vip, home] as const]))]);
}
