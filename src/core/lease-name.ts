import type { NodeName } from './ids.ts';
import type { LeaseName } from './messages.ts';

/** The lease of one node. */
export interface NodeLease {
  readonly node: NodeName;
  readonly lease: LeaseName;
}

export const sameLease = (a: LeaseName, b: LeaseName): boolean =>
  a.incarnation === b.incarnation && a.epoch === b.epoch;

/** The lease of a node as the key of a map. */
export const leaseKey = (node: NodeName, { incarnation, epoch }: LeaseName): string =>
  `${node} ${incarnation} ${epoch}`;
