/** What the checks of a pool add to what is known of its nodes: who may keep VIPs, and who may be given some. */
import type { Standing } from '../health-book.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';
import type { Monotonic } from '../time.ts';
import type { PlaceNode } from './board.ts';
import type { PoolSignals } from './signals.ts';

export interface Fitness {
  /**
   * Kept: no node is healthy, or what fails is not the fault of the nodes; each VIP stays where it is. Released: no node
   * is healthy, and the pool wants nobody to hold its VIPs then.
   */
  readonly state: 'usual' | 'kept' | 'released';
  readonly nodes: readonly PlaceNode[];
}

type Condition = 'fit' | 'pending' | 'held off' | 'well enough' | 'failing';

export function judgeFitness(
  { health: { whenAllUnhealthy } }: Pool,
  nodes: readonly PlaceNode[],
  { health }: PoolSignals,
  now: Monotonic,
): Fitness {
  if (!health) return { state: 'usual', nodes };
  const conditions = new Map(nodes.map(({ node }) => [node, conditionOf(health.nodes.get(node), now)]));
  const conditionIn = ({ node }: PlaceNode): Condition => conditions.get(node) ?? 'fit';
  const hopeful = nodes.filter(({ unfit, closed }) => unfit === undefined && closed !== Reason.NodeLost);
  const any = (condition: Condition): boolean => hopeful.some((node) => conditionIn(node) === condition);
  const keeps = whenAllUnhealthy === 'Keep';
  const isCrisis = hopeful.length > 0 && !any('fit') && !any('well enough') && !any('pending');
  if (keeps && (isCrisis || health.alarm))
    return { state: 'kept', nodes: keptNodes(nodes, hopeful, conditionIn, health) };
  // A node that is held off but well is better than none.
  const open: readonly Condition[] = any('fit') ? ['fit'] : ['fit', 'well enough'];
  return {
    state: isCrisis && any('failing') ? 'released' : 'usual',
    nodes: nodes.map((node): PlaceNode => {
      const condition = conditionIn(node);
      if (node.unfit !== undefined || condition === 'fit') return node;
      if (condition === 'failing') return { ...node, unfit: whyUnhealthy(health.nodes.get(node.node)), stable: false };
      const closed = condition === 'pending' ? Reason.CheckPending : Reason.HeldOff;
      return { ...node, closed: node.closed ?? (open.includes(condition) ? undefined : closed), stable: false };
    }),
  };
}

/** Everybody keeps what it has. What has lost its holder goes to healthy nodes, else to those with the fewest faults. */
function keptNodes(
  nodes: readonly PlaceNode[],
  hopeful: readonly PlaceNode[],
  conditionIn: (node: PlaceNode) => Condition,
  { nodes: standings }: NonNullable<PoolSignals['health']>,
): PlaceNode[] {
  const faults = ({ node }: PlaceNode): number => standings.get(node)?.verdict.failing.length ?? 0;
  const takers = hopeful.filter((node) => node.closed === undefined && conditionIn(node) !== 'pending');
  const fit = takers.filter((node) => conditionIn(node) === 'fit');
  const least = Math.min(...takers.map(faults));
  const open = new Set(fit.length > 0 ? fit : takers.filter((node) => faults(node) === least));
  return nodes.map((node): PlaceNode => {
    // A node that is drained, or has no weight, keeps what it serves well, rather than give it to one that fails.
    const isToEmpty = node.unfit === Reason.Maintenance || node.unfit === Reason.ZeroWeight;
    if (isToEmpty && fit.length === 0 && conditionIn(node) === 'fit')
      return { ...node, unfit: undefined, closed: node.unfit, stable: false };
    const closed = node.closed ?? (open.has(node) ? undefined : Reason.AllUnhealthy);
    return { ...node, closed, stable: false };
  });
}

function conditionOf(standing: Standing | undefined, now: Monotonic): Condition {
  if (!standing) return 'fit';
  const { verdict, fault, wellEnoughAt } = standing;
  if (!fault.isBad) return verdict.state === 'Pending' ? 'pending' : 'fit';
  if (verdict.state === 'Unhealthy') return 'failing';
  return wellEnoughAt !== undefined && wellEnoughAt <= now ? 'well enough' : 'held off';
}

function whyUnhealthy(standing: Standing | undefined): Reason {
  const isKnown = standing?.verdict.failing.some(({ state }) => state === 'Failing');
  return isKnown ? Reason.CheckFailed : Reason.CheckUnknown;
}
