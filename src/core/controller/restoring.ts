/** Revocations that were a false alarm (design 3.4). */
import { knownLeases } from '../known-leases.ts';
import { leaseKey, restoreKey } from '../lease-verdicts.ts';
import { nodeRestored, type NodeTable } from '../node-table.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { withTable } from './lease-table.ts';

/** The master takes revocations back that were a false alarm: the node still knocks, and its lease is not over (design 3.4). */
export function restoreFalseAlarms(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { verdicts, reign } = state;
  if (!verdicts || !reign) return [state, []];
  const over = (key: string): boolean => verdicts.over.has(key);
  let { restores } = verdicts;
  for (const [controller, table] of verdicts.peers) {
    for (const { node, lease, revoked, knocking, restored } of [...table.leases.values()].flat()) {
      if (!revoked || !knocking || over(leaseKey(node, lease))) continue;
      const key = restoreKey(controller, node);
      const pending = restores.get(key);
      if (pending && restored < pending.number) continue;
      restores = new Map(restores).set(key, { node, lease, number: restored + 1 });
    }
  }
  const [next, effects] = restoreOwn({ ...state, verdicts: { ...verdicts, restores } }, now, config);
  return [next, effects];
}

/** Our own revocation is one of those that count: taken back it counts no more from this instant. */
function restoreOwn(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { verdicts, reign } = state;
  if (!verdicts || !reign) return [state, []];
  const known = knownLeases(state.nodes, reign.term, now, config.timing);
  let nodes: NodeTable = state.nodes;
  const changed = known.filter(({ node, lease, knocking, restored }) => {
    if (!knocking || verdicts.over.has(leaseKey(node, lease))) return false;
    nodes = nodeRestored(nodes, { node, lease, number: restored + 1 }, reign.term, now) ?? nodes;
    return true;
  });
  if (changed.length === 0) return [state, []];
  return withTable(
    state,
    nodes,
    changed.map(({ node }) => node),
    now,
    config,
  );
}
