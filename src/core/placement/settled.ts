/**
 * Which VIPs a decision need not look at again. One that is at home, on a node that is well, stays there whatever becomes
 * of the others: nothing calls it away, and who comes later finds the place taken.
 */
import type { NodeName, VipAddress } from '../ids.ts';
import { Reason } from '../reasons.ts';
import type { Placed, PlacementInput } from './place.ts';
import { isDegraded } from './seats.ts';

export interface Settled {
  /** By unit: the number of its node, or -1: it takes part. */
  readonly at: Int32Array;
  readonly isAll: boolean;
  /** Where those were that take part. */
  readonly restless: readonly (NodeName | undefined)[];
}

/**
 * @param known what was decided last, of the same VIPs by the same rules
 * @param everywhere whether also stays what is not at home, or on a degraded node; a group is settled only so
 * @returns undefined where VIPs may have come together that do not fit together
 */
export function settledUnits(
  { units, holders, homes, roster, nodes, obstacle, maxPerNode }: PlacementInput,
  known: ReadonlyMap<VipAddress, Placed>,
  everywhere: boolean,
): Settled | undefined {
  const at = new Int32Array(units.length).fill(-1);
  const restless: (NodeName | undefined)[] = [];
  const whereStays = (vip: VipAddress, node: NodeName): number => {
    const i = everywhere || homes.get(vip) === node ? (roster.index.get(node) ?? -1) : -1;
    const own = nodes[i];
    const isWell = own !== undefined && own.unfit === undefined && (everywhere || !isDegraded(own));
    return isWell && obstacle?.(node, vip) === undefined ? i : -1;
  };
  let clashes = false;
  const look = (i: number, vip: VipAddress, was: Placed | undefined): boolean => {
    const holder = holders.get(vip);
    const isThere = was !== undefined && was.node === holder && was.stranded !== true;
    if (!isThere && holder !== undefined && maxPerNode !== undefined) clashes = true;
    const node = isThere && holder !== undefined && was.reason === Reason.Kept ? whereStays(vip, holder) : -1;
    at[i] = node;
    if (node < 0) restless.push(was?.node);
    return node >= 0;
  };
  let i = 0;
  // Without groups that move as one both are in the order of the pool, and nothing has to be searched.
  if (units.length === known.size) for (const [vip, was] of known) look(i++, vip, was);
  else {
    for (const { vips } of units) {
      vips.every((vip) => look(i, vip, known.get(vip)));
      i++;
    }
  }
  return clashes ? undefined : { at, isAll: restless.length === 0, restless };
}
