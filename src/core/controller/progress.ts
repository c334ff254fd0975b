/**
 * What tools that know no reason of ours ask: does an object need time, or somebody? In the words of kstatus, by which Flux
 * and others tell work under way from failure; either is there only while it is so.
 */
import type { NodeVerdict, PoolVerdict } from '../condition-table.ts';
import { Reason } from '../reasons.ts';

/** VIPs that no node can hold are neither: nodes that are well again help without an edit. */
export function poolProgress(ready: Extract<PoolVerdict, { readonly type: 'Ready' }>): PoolVerdict[] {
  const { reason, message } = ready;
  if (reason === Reason.Progressing || reason === Reason.Terminating) {
    return [{ type: 'Reconciling', status: 'True', reason, message }];
  }
  if (reason === Reason.InvalidSpec || reason === Reason.PoolConflict) {
    return [{ type: 'Stalled', status: 'True', reason, message }];
  }
  return [];
}

export const nodeProgress = ({
  reason,
  message,
}: Extract<NodeVerdict, { readonly type: 'SpecValid' }>): NodeVerdict[] =>
  reason === Reason.InvalidSpec ? [{ type: 'Stalled', status: 'True', reason, message }] : [];
