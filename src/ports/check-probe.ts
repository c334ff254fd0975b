import type { CheckProbe, CheckType, ProbeOutcome } from '../core/checks.ts';
import type { VipAddress, PoolName } from '../core/ids.ts';

/** What a probe may know besides its own declaration. */
export interface ProbeContext {
  readonly node: string;
  readonly pool: PoolName;
  readonly check: string;
  /** Whether the node holds VIPs of the pool now. */
  readonly role: 'Holder' | 'Standby';
  /** VIPs of the pool that the node holds now. */
  readonly vips: readonly VipAddress[];
  readonly timeoutMs: number;
}

/** Looks at one kind of thing. */
export interface Probe<P extends CheckProbe = CheckProbe> {
  /**
   * One look. Ends soon after `signal` is aborted, whatever hangs; never rejects: what is wrong is in the outcome.
   */
  run(probe: P, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome>;
  /** Calls `changed` whenever another look is worth while at once; the result ends the watch. */
  watch?(probe: P, changed: () => void): () => void;
}

/** One probe for each kind. `interface` needs none: the agent sees its links itself. */
export type Probes = { readonly [T in Exclude<CheckType, 'interface'>]: Probe<Extract<CheckProbe, { type: T }>> };
