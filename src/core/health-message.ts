/** What people are told of a VIP that a check took away, or that stays in spite of one. */
import type { HealthBook, Standing } from './health-book.ts';
import { faultText } from './health-verdict.ts';
import type { NodeName, PoolName } from './ids.ts';
import { Reason } from './reasons.ts';

/** Names the check behind a reason; undefined where no check is. */
export type Explain = (pool: PoolName, node: NodeName | undefined, reason: Reason) => string | undefined;

/** One line in a table or a message. */
const MAX_TEXT = 256;

export const explainer =
  (book: HealthBook): Explain =>
  (pool, node, reason) => {
    const standing = node === undefined ? undefined : book.get(pool)?.nodes.get(node);
    const faults = standing === undefined ? undefined : faultsBehind(standing, reason);
    if (node === undefined || faults === undefined || faults.length === 0) return undefined;
    return `${node}: ${faults.map(faultText).join('; ')}`.slice(0, MAX_TEXT);
  };

const FAILING: readonly Reason[] = [Reason.CheckFailed, Reason.CheckUnknown, Reason.AllUnhealthy];

function faultsBehind({ verdict }: Standing, reason: Reason): Standing['verdict']['failing'] | undefined {
  if (FAILING.includes(reason)) return verdict.failing;
  return reason === Reason.NodeDegraded ? verdict.degrading : undefined;
}
