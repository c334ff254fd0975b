import type { Condition } from './api/types.gen.ts';
import type { Reason } from './reasons.ts';

export interface Verdict {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: Reason;
  readonly message: string;
}

/** metav1.Condition: the transition time moves only when the status does. */
export function condition(
  verdict: Verdict,
  previous: readonly Condition[] | undefined,
  generation: number | undefined,
  wallNow: string,
): Condition {
  const before = previous?.find((other) => other.type === verdict.type);
  return {
    ...verdict,
    lastTransitionTime: before && before.status === verdict.status ? before.lastTransitionTime : wallNow,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}
