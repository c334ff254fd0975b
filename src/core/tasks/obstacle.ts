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
    return { reason: Reason.NodeNotSelected, message: strangerText(pool, node, names) };
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

/** Why a node is none of the pool. @param names of all nodes */
export function strangerText({ name, nodeSelector }: Pool, node: NodeName, names: readonly NodeName[]): string {
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

interface Subject {
  readonly pool: Pool;
  readonly node: NodeName;
  readonly nodes: NodeTable;
  /** What its checks say, in brackets; empty where no check is behind the reason. */
  readonly checks: string;
}

const unhealthy = ({ node, checks }: Subject): string => `${node} is not healthy${checks}: see to the service there`;

/** Completed by the advice to choose another node. */
const WORDS: Readonly<Partial<Record<Reason, (subject: Subject) => string>>> = {
  [Reason.NodeLost]: ({ node }) => `${node} does not answer: see to its host and its agent`,
  [Reason.NodeLeft]: ({ node }) => `the agent of ${node} was stopped: start it`,
  [Reason.ZeroWeight]: ({ node, pool }) => `${node} has weight 0 for pool ${pool.name}: give it a weight above 0`,
  [Reason.NotFollowed]: ({ node, pool }) =>
    `${node} does not have the role that pool ${pool.name} follows: move the role there`,
  [Reason.InterfaceDown]: ({ node, pool, nodes }) => linkText(pool, node, nodes),
  [Reason.ServiceUnreachable]: ({ node }) => `${node} reaches nobody on the service network: mend that`,
  [Reason.Maintenance]: ({ node }) => `${node} is under maintenance: run "vippool undrain ${node}"`,
  [Reason.CheckFailed]: unhealthy,
  [Reason.CheckUnknown]: unhealthy,
  [Reason.AllUnhealthy]: unhealthy,
  [Reason.CheckPending]: ({ node }) => `the checks of ${node} have no result yet: try again in a moment`,
  [Reason.HeldOff]: ({ node }) => `the checks of ${node} flapped: wait until they have passed for a while`,
  [Reason.NodeDegraded]: ({ node, checks }) => `${node} is degraded${checks}: see to the service there`,
  [Reason.CapacityFull]: ({ node, pool }) =>
    `${node} is full: relieve it, or raise spec.placement.capacity of pool ${pool.name}`,
  [Reason.OverLimit]: ({ node, pool }) =>
    `${node} has as many VIPs of pool ${pool.name} as maxPerNode allows: raise it`,
};

function wordsFor(reason: Reason, pool: Pool, node: NodeName, { nodes, explain }: ObstacleWorld): string {
  const said = explain(pool.name, node, reason);
  const checks = said === undefined ? '' : ` (${said})`;
  const words = WORDS[reason]?.({ pool, node, nodes, checks }) ?? `${node} cannot hold it now (${reason})`;
  return `${words}, or choose another node`;
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
