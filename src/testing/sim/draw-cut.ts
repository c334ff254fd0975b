import type { SeededRandom } from './random.ts';

/** One machine alone, a pair, a split; in both directions or in one. */
export function drawCut(
  random: SeededRandom,
  machines: number,
  everything: number,
): readonly [from: number, to: number] {
  const one = 2 ** random.between(0, machines - 1);
  const some = random.between(1, everything - 1);
  switch (random.between(0, 5)) {
    case 0:
      return [one, everything ^ one];
    case 1:
      return [everything ^ one, one];
    case 2:
      return [one | (everything ^ one), one | (2 ** random.between(0, machines - 1))];
    case 3:
      return [some, everything ^ some];
    case 4: {
      const other = 2 ** random.between(0, machines - 1);
      return [one | other, one | other];
    }
    default:
      // Nothing between this machine and anybody: both directions.
      return [everything, one];
  }
}
