/**
 * Leases that nobody may acknowledge any more, since what their nodes may hold beyond them was given to others (failure
 * model: Hold). Who has revoked one refuses it anyway; who has never heard of it, as after a loss of memory, is told.
 */
import { spentLeases } from '../hold-book.ts';
import type { NodeLease } from '../lease-name.ts';
import type { PeerTable } from '../lease-verdicts.ts';
import type { MasterState } from '../master.ts';
import { leaseSpent } from '../node-table.ts';
import { remembered } from '../remembered.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { withTable } from './lease-table.ts';

/** Asked for with every event, and the same from one decision to the next. */
const spentOf = remembered(({ holds, commitments }: MasterState) => spentLeases(holds, commitments));

export const spentBy = (master: MasterState | undefined): readonly NodeLease[] => (master ? spentOf(master) : []);

/** Those of which the other controller has not told us that it knows them. */
export const unknownTo = (table: PeerTable | undefined, leases: readonly NodeLease[]): readonly NodeLease[] =>
  leases.filter(({ node, lease: { incarnation, epoch } }) => {
    const known = table?.leases.get(node)?.find(({ lease }) => lease.incarnation === incarnation);
    return known === undefined || known.lease.epoch < epoch;
  });

export function refuseSpent(
  state: ControllerState,
  leases: readonly NodeLease[],
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const nodes = leases.reduce(leaseSpent, state.nodes);
  if (nodes === state.nodes) return [state, []];
  const named = leases.map(({ node }) => node);
  return withTable(state, nodes, named, now, config);
}
