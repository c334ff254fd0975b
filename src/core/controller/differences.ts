/** What a new master finds, compared with what was recorded (rows B5, C7): told once per reign, when every node has told. */
import type { NodeName, VipAddress } from '../ids.ts';
import { nodeName, vipAddress } from '../ids.ts';
import type { PoolBook } from './pools.ts';

export interface Difference {
  readonly vip: VipAddress;
  readonly recorded: NodeName | undefined;
  readonly found: NodeName | undefined;
}

/** @param holders who holds each VIP according to the nodes themselves */
export function differences(pools: PoolBook, holders: ReadonlyMap<VipAddress, NodeName>): Difference[] {
  const found: Difference[] = [];
  for (const { status } of pools.manifests.values()) {
    for (const { address, node, state } of status?.bindings ?? []) {
      const vip = vipAddress(address);
      const recorded = node !== undefined && state === 'Bound' ? nodeName(node) : undefined;
      const holder = holders.get(vip);
      if (recorded !== holder) found.push({ vip, recorded, found: holder });
    }
  }
  return found;
}
