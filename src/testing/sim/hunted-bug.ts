/** Schedules run on a copy of the source with a bug until it is caught. */
import { join } from 'node:path';
import { nodeChild } from './node-child.ts';
import type { PlantedBug } from './planted-bug.ts';
import { inPlantedCopy } from './planted-copy.ts';
import type { PlantingOrder } from './planting.ts';
import type { HuntedOutcome } from './report.ts';
import type { Invariant } from './violation.ts';

type Hunting = Pick<PlantingOrder, 'limit' | 'first'>;

interface Found {
  readonly outcome: 'caught' | 'survived';
  readonly invariant?: Invariant;
  readonly schedules: number;
}

export async function huntPlanted(bug: PlantedBug, order: Hunting): Promise<HuntedOutcome> {
  const { name, section, rule, expected } = bug;
  const folders = ['core', 'ports', 'testing/sim'];
  const found = await inPlantedCopy(bug, { folders }, (copy) => hunt(copy, bug, order));
  return {
    name,
    section,
    rule,
    expected,
    ...(found === 'not-found' ? { outcome: found, schedules: 0 } : found),
  };
}

/** The first violation of an expected kind ends it. */
async function hunt(copy: string, bug: PlantedBug, { limit, first }: Hunting): Promise<Found> {
  const script = join(copy, 'src/testing/sim/hunt.ts');
  const enough = Math.max(limit, bug.schedules ?? 0);
  const request = JSON.stringify({ first, limit: enough, scenario: bug.scenario, expected: bug.expected });
  const { code, stdout } = await nodeChild([script, request], { stderr: 'inherit' });
  if (code !== 0) throw new Error(`the run with the planted bug "${bug.name}" ended with ${code}: ${stdout}`);
  return JSON.parse(stdout) as Found;
}
