/**
 * Rules of the protocol, each switched off by a change of the source: what the checks must find. Nothing of this is in
 * core: the change is made to a copy of it.
 */
import type { Invariant } from './violation.ts';

export interface PlantedBug {
  readonly name: string;
  /** Of the protocol's design. */
  readonly section: string;
  /** The rule that does not hold any more. */
  readonly rule: string;
  /** Below src/. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Any of these proves it. */
  readonly expected: readonly Invariant[];
  /** Schedules that look at this part; all of them where it is not given. */
  readonly scenario?: string;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'lease-too-long',
    section: '3.4',
    rule: 'a lease ends at the send time of the acknowledged heartbeat + L',
    file: 'core/agent/lease.ts',
    find: 'addMs(decisive, leaseMs)',
    replace: 'addMs(decisive, leaseMs * 1.5)',
    expected: ['S1'],
  },
  {
    name: 'epoch-not-raised',
    section: '3.4',
    rule: 'an agent whose lease ended begins another epoch',
    file: 'core/agent/lease-keeping.ts',
    find: 'epoch: epoch(state.lease.epoch + 1)',
    replace: 'epoch: epoch(state.lease.epoch)',
    expected: ['S1', 'S4'],
  },
  {
    name: 'version-not-compared',
    section: '3.5',
    rule: 'an assignment is accepted only with a higher (term, version)',
    file: 'core/agent/holding.ts',
    find: '(order === 0 && item.version <= state.assignment.version)',
    replace: 'false',
    expected: ['S1', 'S7', 'S8', 'S5'],
  },
];
