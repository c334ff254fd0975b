/** Condition `Degraded` of a pool: what its checks say of its nodes together. */
import type { PoolVerdict } from '../condition-table.ts';
import type { PoolHealth, Standing } from '../health-book.ts';
import { faultText } from '../health-verdict.ts';
import type { NodeName } from '../ids.ts';
import type { NodeTable } from '../node-table.ts';
import type { Pool } from '../pool.ts';
import { Reason } from '../reasons.ts';

const TYPE = 'Degraded';
/** Nodes that are named; the numbers tell of the rest. */
const NAMED = 5;

/** @param health undefined: the pool has no checks */
export function poolHealth(pool: Pool, health: PoolHealth | undefined, nodes: NodeTable): PoolVerdict {
  const live = [...(health?.nodes ?? [])].filter(([node]) => nodes.get(node)?.gone === 'no');
  const bad = live.filter(([, { fault }]) => fault.isBad);
  const outcome =
    pool.health.whenAllUnhealthy === 'Keep'
      ? 'VIPs stay where they are (whenAllUnhealthy: Keep)'
      : 'nobody holds VIPs (whenAllUnhealthy: Release)';
  if (health?.alarm) {
    const { check } = health.alarm;
    const output = live.flatMap(([, { verdict }]) => verdict.failing.filter(({ name }) => name === check))[0]?.output;
    const said = output === undefined || output === '' ? '' : ` (${output})`;
    const isOfHolders = pool.health.checks.some(({ name, role }) => name === check && role === 'Holder');
    const how = isOfHolders
      ? `one holder after the other fails check ${check}`
      : `all nodes began to fail check ${check} at once`;
    const message = `${how}${said}: look for a cause outside of them; ${outcome}`;
    return { type: TYPE, status: 'True', reason: Reason.AllNodesFailSameCheck, message };
  }
  if (live.length > 0 && bad.length === live.length) {
    const message = `no node is healthy, and ${outcome}: ${describe(bad)}`;
    return { type: TYPE, status: 'True', reason: Reason.AllUnhealthy, message };
  }
  if (bad.length > 0) return { type: TYPE, status: 'True', reason: Reason.SomeUnhealthy, message: describe(bad) };
  const weaker = live.filter(([, { penalty }]) => penalty > 0);
  if (weaker.length > 0) {
    return { type: TYPE, status: 'True', reason: Reason.NodeDegraded, message: describe(weaker) };
  }
  return { type: TYPE, status: 'False', reason: Reason.NodesHealthy, message: 'no check of this pool fails' };
}

function describe(nodes: readonly (readonly [NodeName, Standing])[]): string {
  const shown = nodes.slice(0, NAMED).map(([node, standing]) => `${node}: ${standingText(standing)}`);
  const more = nodes.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more nodes` : shown.join('; ');
}

/** What is wrong with a node in one pool. */
export function standingText({ verdict, fault, penalty }: Standing): string {
  if (verdict.failing.length > 0) return verdict.failing.map(faultText).join(', ');
  if (fault.isUnproven)
    return 'a check failed while it held VIPs, and is not run without them: it may be tried again later';
  if (fault.isBad) return 'its checks failed before, and have to pass for a while';
  if (verdict.degrading.length > 0) return verdict.degrading.map(faultText).join(', ');
  return penalty > 0 ? 'a check degraded it before, and has to pass for a while' : 'healthy';
}
