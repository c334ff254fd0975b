import type { Condition } from './api/types.gen.ts';
import type { Verdict } from './condition-table.ts';

export type { Verdict } from './condition-table.ts';

/** Longer messages are cut: every condition has its share of one object in etcd, and people read the beginning. */
const MAX_MESSAGE = 4_096;

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
    message: shortened(verdict.message),
    lastTransitionTime: before && before.status === verdict.status ? before.lastTransitionTime : wallNow,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

const shortened = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 3)}...` : text);
