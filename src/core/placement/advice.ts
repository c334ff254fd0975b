import { Reason } from '../reasons.ts';

/** What to do about VIPs that no node may hold, by the reason that is told for them. */
export const ADVICE: Readonly<Partial<Record<Reason, string>>> = {
  [Reason.NoEligibleNode]: 'check nodeSelector, the agents and their service interfaces',
  [Reason.OverLimit]: 'every node that could has maxPerNode VIPs: raise spec.placement.maxPerNode, or add nodes',
  [Reason.GroupApart]: 'every node that could holds another member of a group that stays apart: add nodes',
  [Reason.GroupTogether]: 'no node can hold all of the group: add nodes, or write a smaller group',
  [Reason.CapacityFull]: 'every node that could is full: relieve nodes, add some, or raise spec.placement.capacity',
  [Reason.NotFollowed]: 'no node has the role that spec.placement.follow names: see to the service there',
  [Reason.ZeroWeight]: 'every node that could has weight 0: give some a weight above 0 in spec.placement.weights',
};
