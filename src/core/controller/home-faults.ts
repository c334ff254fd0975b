/** Declared homes where a VIP can never live, which is known only once the nodes are; for people. */
import type { Verdict } from '../conditions.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { allMembers, memberLabels, type NodeRecords } from '../membership.ts';
import type { NodeSettings } from '../node-settings.ts';
import type { NodeTable } from '../node-table.ts';
import { keepsAway } from '../placement/rules.ts';
import { matchesSelector, type Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import { remembered } from '../remembered.ts';
import { listed, strangerText } from '../tasks/obstacle.ts';

/** Homes that are named; the number tells of the rest. */
const NAMED = 3;

export interface HomesWorld {
  readonly nodes: NodeTable;
  readonly records: NodeRecords;
  readonly settingsOf: (node: NodeName) => NodeSettings;
}

/** Undefined: each home is a node that may hold VIPs of the pool, well or not. */
export function homesUnusable(pool: Pool, world: HomesWorld): Verdict | undefined {
  const faults = [...vipsByHome(pool)].flatMap(([home, vips]) => {
    const fault = faultOf(pool, home, world);
    return fault === undefined ? [] : [`${listed(vips)} can never be at home: ${fault}`];
  });
  if (faults.length === 0) return undefined;
  const more = faults.length - NAMED;
  const told = [...faults.slice(0, NAMED), ...(more > 0 ? [`and ${more} more homes`] : [])];
  const message = `spec.placement.homes: ${told.join('; ')}`;
  return { type: 'Degraded', status: 'True', reason: Reason.HomeUnusable, message };
}

/** Asked for with each decision. */
const vipsByHome = remembered(({ homes }: Pool): ReadonlyMap<NodeName, readonly VipAddress[]> => {
  const vips = new Map<NodeName, VipAddress[]>();
  for (const [vip, home] of homes) {
    const own = vips.get(home);
    if (own) own.push(vip);
    else vips.set(home, [vip]);
  }
  return vips;
});

function faultOf(pool: Pool, home: NodeName, { nodes, records, settingsOf }: HomesWorld): string | undefined {
  const labels = memberLabels(home, records, nodes);
  if (!labels || !matchesSelector(pool, labels)) {
    const names = allMembers(records, nodes).map(({ node }) => node);
    // Before any agent was there it is too early to tell.
    return names.length === 0 ? undefined : strangerText(pool, home, names);
  }
  if (settingsOf(home).weight === 0)
    return `spec.weight of NodeHealth ${home} is 0: write one above 0, or choose another node`;
  return keepsAway(pool.placement, home, labels)
    ? `${home} has weight 0 by spec.placement.weights: write one above 0, or choose another node`
    : undefined;
}
