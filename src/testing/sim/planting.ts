/** Proves that the checks can fail: plants one bug after the other in a copy of the source, and has it judged there. */
import { huntPlanted } from './hunted-bug.ts';
import type { AnyPlantedBug } from './planted-bug.ts';
import type { PlantedOutcome } from './report.ts';
import { testPlanted } from './tested-bug.ts';

export interface PlantingOrder {
  /** A bug that survives so many schedules is not caught. */
  readonly limit: number;
  readonly first: number;
  /** Bugs at the same time. */
  readonly workers: number;
}

/** @param onOutcome is told of each bug as soon as it is decided */
export async function runPlanted(
  bugs: readonly AnyPlantedBug[],
  order: PlantingOrder,
  onOutcome: (outcome: PlantedOutcome) => void,
): Promise<PlantedOutcome[]> {
  const waiting = [...bugs];
  const outcomes: PlantedOutcome[] = [];
  const work = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const outcome = 'test' in bug ? await testPlanted(bug) : await huntPlanted(bug, order);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: order.workers }, work));
  return outcomes;
}
