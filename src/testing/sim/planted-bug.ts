import type { Invariant } from './violation.ts';

export interface SourceChange {
  /** Below src/. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug extends SourceChange {
  readonly name: string;
  /** Of the protocol's design. */
  readonly section: string;
  /** The rule that does not hold any more. */
  readonly rule: string;
  /** Other lines of defence that are taken away with it: each alone would hold. */
  readonly also?: readonly SourceChange[];
  /** Any of these proves it. */
  readonly expected: readonly Invariant[];
  /** Schedules that look at this part; all of them where it is not given. */
  readonly scenario?: string;
  /** So many schedules are looked at even where fewer are asked for: it needs several rare things at once. */
  readonly schedules?: number;
}
