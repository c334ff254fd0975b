/** Every reason code: the same text in conditions, Events, logs and metric labels. */
export const Reason = {
  /** The VIP stays where it is. */
  Kept: 'Kept',
  /** The VIP had no holder and went to its home node. */
  PlacedAtHome: 'PlacedAtHome',
  /** The VIP had no holder and no home that can take it: the node that ranks first got it. */
  PlacedElsewhere: 'PlacedElsewhere',
  /** The holder's lease ended; another node took over. */
  NodeLost: 'NodeLost',
  /** The holder leaves, or has left, in order (agent stopped). */
  NodeLeft: 'NodeLeft',
  /** The holder's service interface lost its carrier or is missing. */
  InterfaceDown: 'InterfaceDown',
  /** The holder reaches nobody any more on the service network, and others do. */
  ServiceUnreachable: 'ServiceUnreachable',
  /** The holder no longer matches the pool's nodeSelector. */
  NodeNotSelected: 'NodeNotSelected',
  /** The holder could not bind the VIP. */
  BindRefused: 'BindRefused',
  /** The VIP returned to its home node. */
  Failback: 'Failback',
  /** A task moved the VIP. */
  Moved: 'Moved',
  /** The VIP was a guest, and the room was needed for one that is at home there. */
  HomeOfOther: 'HomeOfOther',
  /** The nodes held too much and too little for their weights. */
  Rebalanced: 'Rebalanced',
  /** Zones held too much and too little. */
  ZoneSpread: 'ZoneSpread',
  /** A more preferred node can hold the VIP. */
  PreferredNode: 'PreferredNode',
  /** A check degrades the holder: it keeps no more than its smaller share. */
  NodeDegraded: 'NodeDegraded',
  /** The node held, or would hold, more VIPs of the pool than maxPerNode allows. */
  OverLimit: 'OverLimit',
  /** The VIP belongs on one node with the others of its group. */
  GroupTogether: 'GroupTogether',
  /** A node never holds two VIPs of this group. */
  GroupApart: 'GroupApart',
  /** The node is above its mark of load, and is given nothing more. */
  CapacityFull: 'CapacityFull',
  /** The node does not have the role that the pool follows. */
  NotFollowed: 'NotFollowed',
  /** The node has weight 0 in this pool. */
  ZeroWeight: 'ZeroWeight',
  /** A check of the pool fails on the node. */
  CheckFailed: 'CheckFailed',
  /** The result of a check on the node is too old to count, which is not healthy. */
  CheckUnknown: 'CheckUnknown',
  /** A check on the node has no verdict yet: it keeps its VIPs and is given none. */
  CheckPending: 'CheckPending',
  /** The checks of the node flapped: they have to pass for a while before it is given VIPs. */
  HeldOff: 'HeldOff',
  /** An administrator drains the node. */
  Maintenance: 'Maintenance',
  /** No node of the pool is healthy. */
  AllUnhealthy: 'AllUnhealthy',
  /** Degraded: all nodes of the pool began to fail the same check at once; its cause is outside of them. */
  AllNodesFailSameCheck: 'AllNodesFailSameCheck',
  /** Degraded: some nodes of the pool are not healthy. */
  SomeUnhealthy: 'SomeUnhealthy',
  /** Degraded: some nodes have none of the interfaces that the pool names. */
  InterfaceMissing: 'InterfaceMissing',
  /** Degraded: a declared home can never hold its VIP: it is no node of the pool, or has weight 0. */
  HomeUnusable: 'HomeUnusable',
  /** Degraded: nothing is wrong with the nodes of the pool. */
  NodesHealthy: 'NodesHealthy',
  /** No node of the pool can hold the VIP now. */
  NoEligibleNode: 'NoEligibleNode',
  /** The previous holder has not confirmed that it let go. */
  WaitingForRelease: 'WaitingForRelease',
  /** Assigned; the node has not reported that the address is on its interface. */
  Binding: 'Binding',

  /** Ready: every VIP of the pool is bound. */
  AllBound: 'AllBound',
  /** Ready: VIPs are on their way. */
  Progressing: 'Progressing',
  /** Ready, SpecValid: the manifest is refused; what worked before stays in force. */
  InvalidSpec: 'InvalidSpec',
  /** Ready: an older pool claims some of the addresses. */
  PoolConflict: 'PoolConflict',
  /** Ready: the pool is being removed and its VIPs released. */
  Terminating: 'Terminating',

  /** AddressConflict: a host that is none of ours answers for a VIP. */
  AddressConflict: 'AddressConflict',
  /** AddressConflict: nobody does. */
  NoConflict: 'NoConflict',

  /** QuorumLost: a node without a lease may go on by the confirmations of its peers. */
  HeldWithoutLease: 'HeldWithoutLease',
  /** QuorumLost: no VIP of the pool is held without a lease. */
  EveryHolderHasALease: 'EveryHolderHasALease',

  /** Fenced: the kernel makes the host silent by itself. */
  KernelFence: 'KernelFence',
  /** Fenced: only the lifetimes of addresses and the supervisor protect. */
  LifetimesOnly: 'LifetimesOnly',
  /** ManagementNetworkFaulty: the node was lost, and still answers on the service network. */
  HolderAnswers: 'HolderAnswers',
  /** ManagementNetworkFaulty: the host answers on the service network, but its agent had ended the connection itself. */
  AgentGone: 'AgentGone',
  /** ManagementNetworkFaulty: nothing says so. */
  NoContradiction: 'NoContradiction',
  /** ManagementNetworkFaulty: heartbeats arrive, multicast of the master is not answered. */
  MulticastUnanswered: 'MulticastUnanswered',
  /** MembersUnreachable: some nodes do not answer on the management network. */
  MembersSilent: 'MembersSilent',
  /** MembersUnreachable: all of them do. */
  MembersAnswer: 'MembersAnswer',
  /** ServiceNetworkFaulty: nobody answers any node, so it is the network and nothing moves. */
  ServiceDown: 'ServiceDown',
  /** ServiceNetworkFaulty: no node has lost the service network. */
  ServiceReachable: 'ServiceReachable',
  /** ControllersVote: three or more controllers vote. */
  Majority: 'Majority',
  /** ControllersVote: one or two controllers depend on the lock in etcd alone. */
  LockOnly: 'LockOnly',

  /** NodeHealth SpecValid: what is declared of the node is in force. */
  SpecInForce: 'SpecInForce',
  /** NodeHealth Ready: heartbeats arrive and the node holds a lease. */
  LeaseHeld: 'LeaseHeld',
  /** NodeHealth Ready: the node is heard but has no majority of controllers. */
  LeaseNotHeld: 'LeaseNotHeld',
  /** NodeHealth Ready: a service interface has no carrier. */
  CarrierLost: 'CarrierLost',
} as const;

export type Reason = (typeof Reason)[keyof typeof Reason];
