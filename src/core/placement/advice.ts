import { Reason } from '../reasons.ts';

const TEXTS = {
  [Reason.NoEligibleNode]: 'check nodeSelector, the agents and their service interfaces',
  [Reason.OverLimit]: 'every node that could has maxPerNode VIPs: raise spec.placement.maxPerNode, or add nodes',
  [Reason.GroupApart]: 'every node that could holds another member of a group that stays apart: add nodes',
  [Reason.GroupTogether]: 'no node can hold all of the group: add nodes, or write a smaller group',
  [Reason.CapacityFull]: 'every node that could is full: relieve nodes, add some, or raise spec.placement.capacity',
  [Reason.ServiceUnreachable]:
    'every node that could has lost the service network: look at its cable, switch port and VLAN',
  [Reason.CheckPending]: 'every node that could waits for the first verdict of its checks',
  [Reason.HeldOff]:
    'the checks of every node that could have flapped: they have to pass for a while (spec.health.damping)',
  [Reason.CheckFailed]: 'a check fails on every node that could: see the status of the nodes',
  [Reason.CheckUnknown]: 'a check has no new result on every node that could: see the status of the nodes',
  [Reason.AllUnhealthy]:
    'no node is healthy, and spec.health.whenAllUnhealthy is Release: see the status of the nodes, and mend the service on one',
  [Reason.Maintenance]: 'every node that could is drained: end the maintenance of one',
  [Reason.NotFollowed]: 'no node has the role that spec.placement.follow names: see to the service there',
  [Reason.ZeroWeight]:
    'every node that could has weight 0: give some a weight above 0, in spec.placement.weights or as spec.weight of their NodeHealth',
} as const satisfies Readonly<Partial<Record<Reason, string>>>;

/** Reasons that last until somebody does something. */
export type AdvisedReason = keyof typeof TEXTS;

export const ADVISED_REASONS = Object.keys(TEXTS) as AdvisedReason[];

/** What to do about VIPs that no node may hold, by the reason that is told for them. */
export const ADVICE: Readonly<Partial<Record<Reason, string>>> = TEXTS;
