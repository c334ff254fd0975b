/** Draws the faults of a schedule, as its scenario weighs them. */
import type { Action, ActionKind } from './actions.ts';
import { drawAction } from './draw-action.ts';
import type { SeededRandom } from './random.ts';
import { FIRST_FAULT_MS, HEALED_MS, type Scenario } from './scenarios.ts';
import type { Setup } from './setup.ts';

export function drawActions(random: SeededRandom, scenario: Scenario, setup: Setup): Action[] {
  if (scenario.draw) return scenario.draw(random, setup, FIRST_FAULT_MS, HEALED_MS - 1_500);
  const kinds = Object.entries(scenario.faults).map(([kind, weight]) => ({ kind: kind as ActionKind, weight }));
  // Faults that fall together are the interesting ones.
  const centre = random.between(FIRST_FAULT_MS, HEALED_MS - 5_000);
  const spread = random.pick([300, 1_500, 6_000, HEALED_MS]);
  const actions = Array.from({ length: random.between(...scenario.count) }, () => {
    const at = centre + random.between(-spread, spread);
    return drawAction(
      random,
      random.weighted(kinds).kind,
      setup,
      Math.min(HEALED_MS - 1_500, Math.max(FIRST_FAULT_MS, at)),
    );
  });
  return actions.sort((left, right) => left.at - right.at);
}
