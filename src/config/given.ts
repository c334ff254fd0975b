import type { Problem } from '../core/pool.ts';

/** The text that somebody gave for an option, not read yet. */
export interface Given {
  /** Flag name of the option, without dashes. */
  readonly flag: string;
  /** One element per occurrence of a flag or item of a YAML sequence; never empty. */
  readonly texts: readonly string[];
  /** Where it stands: "--lease-duration", "VIPPOOL_LEASE_DURATION", "agent.yaml:7: leaseDuration". */
  readonly where: string;
}

/** What one of the three places (flags, environment, file) says. `path` of a problem is where it stands. */
export interface Gathered {
  readonly given: readonly Given[];
  readonly problems: readonly Problem[];
}
