/**
 * Rules of the protocol, each switched off by a change of the source: what the checks must find. Nothing of this is in
 * core: the change is made to a copy of it.
 */
import { ASSIGNMENT_BUGS } from './planted-assignments.ts';
import type { AnyPlantedBug, PlantedBug } from './planted-bug.ts';
import { ELECTION_BUGS } from './planted-election.ts';
import { ELECTORATE_BUGS } from './planted-electorate.ts';
import { HEALTH_BUGS } from './planted-health.ts';
import { HOLD_BUGS } from './planted-hold.ts';
import { LEASE_BUGS } from './planted-leases.ts';
import { RULE_BUGS } from './planted-rules.ts';
import { SERVICE_BUGS } from './planted-service.ts';
import { TASK_BUGS } from './planted-tasks.ts';
import { TESTED_BUGS } from './planted-tested.ts';

export const HUNTED_BUGS: readonly PlantedBug[] = [
  ...ELECTION_BUGS,
  ...ELECTORATE_BUGS,
  ...LEASE_BUGS,
  ...ASSIGNMENT_BUGS,
  ...HOLD_BUGS,
  ...SERVICE_BUGS,
  ...HEALTH_BUGS,
  ...RULE_BUGS,
  ...TASK_BUGS,
];

export const PLANTED_BUGS: readonly AnyPlantedBug[] = [...HUNTED_BUGS, ...TESTED_BUGS];
