export type Invariant = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7' | 'S8' | 'S9' | 'S10';

export const INVARIANTS: Readonly<Record<Invariant, string>> = {
  S1: 'at most one host answers for a VIP',
  S2: 'at most one controller may act',
  S3: 'nothing of a lower term or of a second master of a term has an effect',
  S4: 'after the last fault every VIP with an eligible node is held within the bound',
  S5: 'no VIP moves without a reason',
  S6: 'the VIPs of a pool are at home, and spread evenly or as its rules say',
  S7: 'a message that comes twice changes nothing',
  S8: 'no VIP flaps while its host and a majority of the controllers are well',
  S10: 'the electorate becomes the one that is configured',
  S9: 'a task is done once, whoever is master, and its record says what became of it',
};

/** A promise that was broken: which one, when, and how. */
export class Violation extends Error {
  readonly invariant: Invariant;
  /** Virtual ms. */
  readonly at: number;

  constructor(invariant: Invariant, at: number, message: string) {
    super(`${invariant} (${INVARIANTS[invariant]}) at ${at.toFixed(1)} ms: ${message}`);
    this.invariant = invariant;
    this.at = at;
  }
}
