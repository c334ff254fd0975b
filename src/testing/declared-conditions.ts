import type { Condition } from '../core/api/types.gen.ts';
import { CONDITIONS } from '../core/condition-table.ts';
import type { Reason } from '../core/reasons.ts';

export interface DeclaredCondition {
  readonly kind: string;
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: Reason;
}

/** Everything that a condition may say, of every kind of object. */
export const DECLARED_CONDITIONS: readonly DeclaredCondition[] = Object.entries(CONDITIONS).flatMap(([kind, types]) =>
  Object.entries(types).flatMap(([type, reasons]) =>
    (['True', 'False', 'Unknown'] as const).flatMap((status) => {
      const listed: readonly Reason[] = reasons[status];
      return listed.map((reason) => ({ kind, type, status, reason }));
    }),
  ),
);
