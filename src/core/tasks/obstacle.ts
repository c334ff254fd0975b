/** Why a VIP cannot go to a node, in words for whoever asked for it. */
import type { Explain } from '../health-message.ts';
import { chooseInterface } from '../interface-choice.ts';
import type { NodeName, VipAddress } from '../ids.ts';
import { nearestName } from '../nearest-name.ts';
import type { NodeTable } from '../node-table.ts';
import type { Placed } from '../placement/place.ts';
import type { PoolPlan } from '../placement/plan.ts';
import type { Unit } from '../placement/units.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';

export interface Obstacle {
  readonly reason: Reason;
  /** What is in the way, and what to do about it. */
  readonly message: string;
}

export interface ObstacleWorld {
  readonly nodes: NodeTable;
  readonly explain: Explain;
}

/** @param result what placement decided, with the unit elsewhere than on the node */
export function obstacleTo(
  { pool, input, members }: PoolPlan,
  unit: Unit,
  node: NodeName,
  result: ReadonlyMap<VipAddress, Placed>,
  world: ObstacleWorld,
): Obstacle {
  const place = input.nodes[input.roster.index.get(node) ?? -1];
  if (!place) {
    const names = members.map((member) => member.node);
    return { reason: Reason.NodeNotSelected, message: stranger(pool, node, names) };
  }
  const tell = (reason: Reason, vip?: VipAddress): Obstacle => {
    const message = refusalText(world, node, vip) ?? wordsFor(reason, pool, node, world);
    return { reason, message };
  };
  if (place.unfit !== undefined) return tell(place.unfit);
  for (const vip of unit.vips) {
    const reason = input.obstacle?.(node, vip);
    if (reason !== undefined) return tell(reason, vip);
  }
  if (place.closed !== undefined) return tell(place.closed);
  const there = input.units.filter(
    (other) => other !== unit && other.vips.some((vip) => result.get(vip)?.node === node),
  );
  const rival = there.find(({ apart }) => apart.some((group) => unit.apart.includes(group)));
  if (rival) {
    const message = `${node} holds ${rival.vips.join(', ')}, and their group stays apart: choose another node`;
    return { reason: Reason.GroupApart, message };
  }
  const count = there.reduce((sum, { vips }) => sum + vips.length, unit.vips.length);
  if (input.maxPerNode !== undefined && count > input.maxPerNode) return tell(Reason.OverLimit);
  return tell(place.effectiveWeight < place.weight ? Reason.NodeDegraded : Reason.NoEligibleNode);
}

function stranger({ name, nodeSelector }: Pool, node: NodeName, names: readonly NodeName[]): string {
  if (!names.includes(node)) {
    const nearest = nearestName(node, names);
    const hint = nearest === undefined ? `the nodes are ${listed(names)}` : `did you mean ${nearest}?`;
    return `there is no node ${node}: ${hint}`;
  }
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  return `${node} does not match nodeSelector of pool ${name} (${labels.join(', ')}): label it, or choose another node`;
}

const refusalText = ({ nodes }: ObstacleWorld, node: NodeName, vip: VipAddress | undefined): string | undefined =>
  nodes.get(node)?.applied?.refused.find((item) => item.vip === vip)?.message;

const OR_ANOTHER = 'or choose another node';

function wordsFor(reason: Reason, pool: Pool, node: NodeName, world: ObstacleWorld): string {
  const checks = world.explain(pool.name, node, reason);
  switch (reason) {
    case Reason.NodeLost:
      return `${node} does not answer: see to its host and its agent, ${OR_ANOTHER}`;
    case Reason.NodeLeft:
      return `the agent of ${node} was stopped: start it, ${OR_ANOTHER}`;
    case Reason.ZeroWeight:
      return `${node} has weight 0 for pool ${pool.name}: give it a weight above 0, ${OR_ANOTHER}`;
    case Reason.NotFollowed:
      return `${node} does not have the role that pool ${pool.name} follows: move the role, ${OR_ANOTHER}`;
    case Reason.InterfaceDown:
      return `${linkText(pool, node, world.nodes)}, ${OR_ANOTHER}`;
    case Reason.Maintenance:
      return `${node} is under maintenance: run "vippool undrain ${node}", ${OR_ANOTHER}`;
    case Reason.CheckFailed:
    case Reason.CheckUnknown:
    case Reason.AllUnhealthy:
      return `${node} is not healthy${checks === undefined ? '' : ` (${checks})`}: see to the service there, ${OR_ANOTHER}`;
    case Reason.CheckPending:
      return `the checks of ${node} have no result yet: try again in a moment`;
    case Reason.HeldOff:
      return `the checks of ${node} flapped: wait until they have passed for a while, ${OR_ANOTHER}`;
    case Reason.NodeDegraded:
      return `${node} is degraded${checks === undefined ? '' : ` (${checks})`}: see to the service there, ${OR_ANOTHER}`;
    case Reason.CapacityFull:
      return `${node} is full: relieve it, raise spec.placement.capacity of pool ${pool.name}, ${OR_ANOTHER}`;
    case Reason.OverLimit:
      return `${node} has as many VIPs of pool ${pool.name} as maxPerNode allows: raise it, ${OR_ANOTHER}`;
    default:
      return `${node} cannot hold it now (${reason}): choose another node`;
  }
}

function linkText(pool: Pool, node: NodeName, nodes: NodeTable): string {
  const [vip] = pool.vips;
  if (pool.interface.kind === 'matchSubnet' || vip === undefined) {
    return `${node} has no interface with a carrier in the subnet of the VIP: configure one`;
  }
  const link = chooseInterface(pool.interface, nodes.get(node)?.interfaces ?? [], vip);
  if (link) return `${node} has no carrier on ${link.name}: plug it in`;
  return `${node} has no interface ${listed(pool.interface.names)}: configure one`;
}

/** The first five, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
