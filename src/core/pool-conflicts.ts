import type { PoolName, VipAddress } from './ids.ts';
import type { Pool } from './pool.ts';

/** An address that a pool declares and does not get. */
export interface LostAddress {
  readonly vip: VipAddress;
  /** The older pool that has the address. */
  readonly owner: PoolName;
}

/**
 * Addresses claimed by several pools belong to the oldest one (creation time, then name). Returns, for each pool that
 * loses addresses, which ones and to whom, in the order of the pool. The order of `pools` does not matter.
 */
export function findLostAddresses(pools: readonly Pool[]): ReadonlyMap<PoolName, readonly LostAddress[]> {
  const owners = new Map<VipAddress, PoolName>();
  const lost = new Map<PoolName, readonly LostAddress[]>();
  for (const pool of [...pools].sort(compareAge)) {
    const taken: LostAddress[] = [];
    for (const vip of pool.vips) {
      const owner = owners.get(vip);
      if (owner === undefined) owners.set(vip, pool.name);
      else taken.push({ vip, owner });
    }
    if (taken.length > 0) lost.set(pool.name, taken);
  }
  return lost;
}

/** Older first. Times are compared as instants: they may be written in different zones and precisions. */
function compareAge(a: Pool, b: Pool): number {
  return Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
