/** Runs schedules until one of the expected promises is broken; says as JSON how many that took. */
import { runCampaign } from './campaign.ts';
import type { Invariant } from './violation.ts';

interface Request {
  readonly first: number;
  readonly limit: number;
  readonly scenario?: string;
  readonly expected: readonly Invariant[];
}

const { first, limit, scenario, expected } = JSON.parse(process.argv[2] ?? '{}') as Request;
let schedules = 0;
let caught: Invariant | undefined;
runCampaign({ first, count: limit, stride: 1, scenario, profile: undefined, actions: undefined }, 100, (part) => {
  schedules += part.schedules;
  caught = part.findings.find(({ invariant }) => expected.includes(invariant))?.invariant;
  return caught !== undefined;
});
console.log(JSON.stringify({ outcome: caught ? 'caught' : 'survived', invariant: caught, schedules }));
