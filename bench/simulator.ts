/** How many schedules the simulator checks on one core. */
import { runCampaign } from '../src/testing/sim/campaign.ts';
import { type BenchRow, median } from './table.ts';

const SCHEDULES = 300;
const WARM_UP = 50;

/** @throws Error where a schedule breaks a promise: then there is no speed to speak of. */
export function benchSimulator(runs = 5): BenchRow {
  perMinute(1, WARM_UP);
  const rates = Array.from({ length: runs }, (_, run) => perMinute(1 + WARM_UP + run * SCHEDULES, SCHEDULES));
  return { name: 'simulator, schedules a minute on one core', unit: '1/min', value: Math.round(median(rates)), runs };
}

function perMinute(first: number, count: number): number {
  const order = { first, count, stride: 1, scenario: undefined, profile: undefined, actions: undefined };
  const begun = performance.now();
  runCampaign(order, count, ({ findings }) => {
    const [finding] = findings;
    if (finding) throw new Error(`seed ${finding.seed}: ${finding.message}`);
    return false;
  });
  return (count / (performance.now() - begun)) * 60_000;
}
