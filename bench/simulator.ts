/** How many schedules the simulator checks on one core, once it is warm: 30 virtual seconds each. */
import { runCampaign } from '../src/testing/sim/campaign.ts';
import { atLeast, type BenchRow, median } from './table.ts';

const SCHEDULES = 300;
const WARM_UP = 200;

/** Three controllers and five hosts; and what the simulator runs where no scenario is asked for. */
const WORKLOADS = [
  { scenario: 'general', what: '3 controllers and 5 hosts', bound: { bound: atLeast(2_000) } },
  { scenario: undefined, what: 'all scenarios', bound: {} },
] as const;

/** @throws Error where a schedule breaks a promise: then there is no speed to speak of. */
export function benchSimulator(runs = 5): BenchRow[] {
  return WORKLOADS.map(({ scenario, what, bound }) => {
    perMinute(scenario, 1, WARM_UP);
    const rates = Array.from({ length: runs }, (_, run) =>
      perMinute(scenario, 1 + WARM_UP + run * SCHEDULES, SCHEDULES),
    );
    const name = `simulator, schedules a minute on one core, ${what}`;
    return { name, unit: '1/min', value: Math.round(median(rates)), runs, ...bound };
  });
}

/** By the time of the processor that all threads took together: neighbours on the machine, and other cores, do not count. */
function perMinute(scenario: string | undefined, first: number, count: number): number {
  const order = { first, count, stride: 1, scenario, profile: undefined, actions: undefined };
  const begun = process.cpuUsage();
  runCampaign(order, count, ({ findings }) => {
    const [finding] = findings;
    if (finding) throw new Error(`seed ${finding.seed}: ${finding.message}`);
    return false;
  });
  const { user, system } = process.cpuUsage(begun);
  return (count / (user + system)) * 60_000_000;
}
