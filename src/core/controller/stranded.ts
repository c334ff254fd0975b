/** VIPs that stay with nodes which should not have them, because no other node can hold them; for people. */
import type { PoolVerdict } from '../condition-table.ts';
import type { NodeName } from '../ids.ts';
import type { NodeSettings } from '../node-settings.ts';
import type { NodeTable } from '../node-table.ts';
import { keepsAway } from '../placement/rules.ts';
import type { Pool } from '../pool.ts';
import type { PoolView } from '../pool-view.ts';
import { Reason } from '../reasons.ts';

/** Nodes that are named; the number tells of the rest. */
const NAMED = 5;

const TEXTS = {
  [Reason.Maintenance]: ['drained', 'end the maintenance of a node, or add one'],
  [Reason.ZeroWeight]: [
    'of weight 0',
    'give a node a weight above 0, in spec.placement.weights or as spec.weight of its NodeHealth',
  ],
} as const;

type Why = keyof typeof TEXTS;

/**
 * Undefined: there are none. A VIP that is on its way to another node is none.
 *
 * @param settings of the nodes for which something is declared
 */
export function stranded(
  pool: Pool,
  view: PoolView | undefined,
  nodes: NodeTable,
  settings: (node: NodeName) => NodeSettings,
): PoolVerdict | undefined {
  const bound = view?.bindings.flatMap(({ node, state }) => (state === 'Bound' && node !== undefined ? [node] : []));
  const unwanted = [...new Set(bound)].flatMap((node) => {
    const why = whyNot(pool, node, nodes, settings);
    return why === undefined ? [] : [{ node, why }];
  });
  const [first] = unwanted;
  if (!first) return undefined;
  const same = unwanted.filter(({ why }) => why === first.why).map(({ node }) => node);
  const more = same.length - NAMED;
  const named = same.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const [what, instead] = TEXTS[first.why];
  const message = `VIPs stay on ${named}, which ${same.length === 1 ? 'is' : 'are'} ${what}, because no other node can hold them: ${instead}`;
  return { type: 'Degraded', status: 'True', reason: first.why, message };
}

function whyNot(
  { placement }: Pool,
  node: NodeName,
  nodes: NodeTable,
  settings: (node: NodeName) => NodeSettings,
): Why | undefined {
  const { maintenance, weight } = settings(node);
  const labels = nodes.get(node)?.labels ?? {};
  if (weight === 0 || keepsAway(placement, node, labels)) return Reason.ZeroWeight;
  return maintenance ? Reason.Maintenance : undefined;
}
