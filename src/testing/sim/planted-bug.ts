import type { Invariant } from './violation.ts';

export interface SourceChange {
  /** Below src/. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A rule that is switched off by a change of the source. */
interface Planted extends SourceChange {
  readonly name: string;
  /** Of the protocol's design. */
  readonly section: string;
  /** The rule that does not hold any more. */
  readonly rule: string;
  /** Other lines of defence that are taken away with it: each alone would hold. */
  readonly also?: readonly SourceChange[];
}

/** What schedules of the simulator find. */
export interface PlantedBug extends Planted {
  /** Any of these proves it. */
  readonly expected: readonly Invariant[];
  /** Schedules that look at this part; all of them where it is not given. */
  readonly scenario?: string;
  /** So many schedules are looked at even where fewer are asked for: it needs several rare things at once. */
  readonly schedules?: number;
}

/** What no schedule shows, and a unit test does. */
export interface TestedBug extends Planted {
  readonly test: NamedTest;
}

export interface NamedTest {
  /** Below src/. */
  readonly file: string;
  /** Part of its full name, which is made of those of its groups and its own. */
  readonly name: string;
}

export type AnyPlantedBug = PlantedBug | TestedBug;
