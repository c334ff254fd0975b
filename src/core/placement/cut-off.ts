/**
 * Nodes that reach nobody any more on the service network hold nothing, as long as another node can: where nobody can,
 * it is the network that is broken and not a node, and nothing moves.
 */
import type { NodeName } from '../ids.ts';
import { chooseInterface } from '../interface-choice.ts';
import type { ReachState } from '../neighbours.ts';
import type { NodeEntry, NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import type { PlaceNode } from './board.ts';

/** A node that may be given something is no proof that the network is well before somebody has answered it. */
export const isWell = (state: ReachState | undefined): boolean => state === 'Answered' || state === 'Alone';

const isQuiet = (state: ReachState | undefined): boolean => state === 'Silent' || state === 'Suspect';

/** Whether any node misses answers on any interface; usually none does. */
export const isAnyQuiet = (entries: readonly NodeEntry[]): boolean =>
  entries.some(({ gone, reach }) => gone === 'no' && reach.some(({ state }) => isQuiet(state)));

export const reachOn = ({ reach }: NodeEntry, name: string): ReachState | undefined =>
  reach.find((item) => item.interface === name)?.state;

/** Nodes that can be given something, as far as they alone are concerned. */
export const takersAmong = (nodes: readonly PlaceNode[]): readonly PlaceNode[] =>
  nodes.filter(({ unfit, closed }) => unfit === undefined && closed === undefined);

/** Where interfaces are chosen by subnet, what a silent node holds depends on the VIP (`subnetObstacle`). */
export function withoutCutOff(pool: Pool, nodes: readonly PlaceNode[], table: NodeTable): readonly PlaceNode[] {
  const states = new Map(nodes.flatMap(({ node }) => stateOf(pool, table.get(node)) ?? []));
  if (![...states.values()].some(isQuiet)) return nodes;
  if (!takersAmong(nodes).some(({ node }) => isWell(states.get(node)))) return nodes;
  return nodes.map((node): PlaceNode => {
    const state = states.get(node.node);
    if (!isQuiet(state)) return node;
    return state === 'Silent'
      ? { ...node, unfit: node.unfit ?? Reason.ServiceUnreachable, stable: false }
      : { ...node, closed: node.closed ?? Reason.ServiceUnreachable, stable: false };
  });
}

function stateOf(pool: Pool, entry: NodeEntry | undefined): [NodeName, ReachState][] | undefined {
  const [vip] = pool.vips;
  // Of a node that is gone nothing is known, and most have nothing to tell.
  if (entry?.gone !== 'no' || entry.reach.length === 0 || vip === undefined) return undefined;
  if (pool.interface.kind === 'names') {
    const link = chooseInterface(pool.interface, entry.interfaces, vip);
    const state = link?.carrier === true ? reachOn(entry, link.name) : undefined;
    return state === undefined ? undefined : [[entry.node, state]];
  }
  const linked = entry.interfaces.filter(({ carrier }) => carrier);
  const states = linked.flatMap(({ name }) => reachOn(entry, name) ?? []);
  if (states.some(isWell)) return [[entry.node, 'Answered']];
  return states.length > 0 && states.every(isQuiet) ? [[entry.node, 'Suspect']] : undefined;
}
