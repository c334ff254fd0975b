/** Every change of the table of leases goes through here: others have to hear of it, and it must survive a crash. */
import { followed } from '../ballot.ts';
import type { NodeName } from '../ids.ts';
import { knownLeases, tellsMore } from '../known-leases.ts';
import type { NodeTable } from '../node-table.ts';
import { addMs, type Monotonic } from '../time.ts';
import { revokeAfterMs } from '../timing.ts';
import type { ControllerMemory } from './controller-memory.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';

export const memoryOf = (state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerMemory => ({
  bootId: config.bootId,
  highestTerm: state.ballot.highestTerm,
  promise: state.ballot.promise,
  ...(state.electorate && { electorate: state.electorate }),
  leases: knownLeases(state.nodes, undefined, now, config.timing),
});

export const save = (state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerEffect => ({
  kind: 'save',
  memory: memoryOf(state, now, config),
});

/** Takes the new table in. What other controllers must know is written first, and the master is told that there is something. */
export function withTable(
  state: ControllerState,
  nodes: NodeTable,
  nodesChanged: readonly NodeName[],
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const matters = nodesChanged.some((node) => {
    const after = nodes.get(node);
    return after !== undefined && tellsMore(state.nodes.get(node), after, now, config.timing);
  });
  if (!matters) return [{ ...state, nodes }, []];
  // A lease that begins or is restored may be the next one to end.
  const leaseCheckAt = Math.min(state.leaseCheckAt, addMs(now, revokeAfterMs(config.timing))) as Monotonic;
  const changed: ControllerState = { ...state, nodes, tableVersion: state.tableVersion + 1, leaseCheckAt, dirty: true };
  const saved = save(changed, now, config);
  const master = followed(state.ballot, now);
  if (!master || master.instance.id === config.self.id) return [changed, [saved]];
  // It asks at once, and is answered with all that has changed by then: once is enough for a thousand changes.
  if (state.toldOfTable) return [changed, [saved]];
  const told: ControllerEffect = { kind: 'peer', to: master.instance.id, message: { kind: 'changed', term: master } };
  return [{ ...changed, toldOfTable: true }, [saved, told]];
}

/** Names this table, and no other of this or any other run. */
export const tableName = (state: ControllerState, { self }: ControllerConfig): string =>
  `${self.nonce}/${state.tableVersion}`;
