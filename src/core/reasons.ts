/** Every reason code: the same text in conditions, Events, logs and metric labels. */
export const Reason = {
  /** The VIP stays where it is. */
  Kept: 'Kept',
  /** The VIP had no holder and went to its home node. */
  PlacedAtHome: 'PlacedAtHome',
  /** The VIP had no holder and no home that can take it: the node that ranks first got it. */
  PlacedElsewhere: 'PlacedElsewhere',
  /** The lease of the node ended without a word: its VIPs are taken over, and nothing more is known of it. */
  NodeLost: 'NodeLost',
  /** The node leaves, or has left, in order: its agent was stopped. */
  NodeLeft: 'NodeLeft',
  /** The service interface of the node lost its carrier or is missing. */
  InterfaceDown: 'InterfaceDown',
  /** The node reaches nobody any more on the service network; where others do, its VIPs leave. */
  ServiceUnreachable: 'ServiceUnreachable',
  /** The node does not match the nodeSelector of the pool. */
  NodeNotSelected: 'NodeNotSelected',
  /** The node could not bind the VIP. */
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
  /** A check degrades the node: it keeps no more than its smaller share. */
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
  /** The carrier, the service network or the lease of the node failed several times: nothing that is well elsewhere moves to it for a while. */
  Flapping: 'Flapping',
  /** An administrator drains the node. */
  Maintenance: 'Maintenance',
  /** No node of the pool is healthy. */
  AllUnhealthy: 'AllUnhealthy',
  /** All nodes of the pool began to fail the same check at once, or one holder after the other; its cause is outside of them. */
  AllNodesFailSameCheck: 'AllNodesFailSameCheck',
  /** Some nodes of the pool are not healthy. */
  SomeUnhealthy: 'SomeUnhealthy',
  /** Some nodes have none of the interfaces that the pool names. */
  InterfaceMissing: 'InterfaceMissing',
  /** A declared home can never hold its VIP: it is no node of the pool, or has weight 0. */
  HomeUnusable: 'HomeUnusable',
  /** No check says anything against the node, or against any node of the pool. */
  NodesHealthy: 'NodesHealthy',
  /** No node of the pool can hold the VIP now. */
  NoEligibleNode: 'NoEligibleNode',
  /** The previous holder has not confirmed that it let go. */
  WaitingForRelease: 'WaitingForRelease',
  /** Assigned; the node has not reported that the address is on its interface. */
  Binding: 'Binding',

  /** Every VIP of the pool is bound. */
  AllBound: 'AllBound',
  /** VIPs are on their way. */
  Progressing: 'Progressing',
  /** The manifest is refused; what worked before stays in force. */
  InvalidSpec: 'InvalidSpec',
  /** An older pool claims some of the addresses. */
  PoolConflict: 'PoolConflict',
  /** The pool is being removed and its VIPs released. */
  Terminating: 'Terminating',

  /** A host that is none of ours answers for a VIP. */
  AddressConflict: 'AddressConflict',
  /** Nobody else answers for a VIP of the pool. */
  NoConflict: 'NoConflict',

  /** A node without a lease may go on by the confirmations of its peers. */
  HeldWithoutLease: 'HeldWithoutLease',
  /** No VIP of the pool is held without a lease. */
  EveryHolderHasALease: 'EveryHolderHasALease',

  /** The kernel makes the host silent by itself. */
  KernelFence: 'KernelFence',
  /** The kernel has no fence: only the lifetimes of addresses and the supervisor protect. */
  LifetimesOnly: 'LifetimesOnly',
  /** The agent is scheduled before every normal process. */
  RealTimeScheduling: 'RealTimeScheduling',
  /** Real-time scheduling was asked for, and the kernel refuses it or the agent gave it up. */
  NormalScheduling: 'NormalScheduling',
  /** The node was lost, and still answers on the service network. */
  HolderAnswers: 'HolderAnswers',
  /** The host answers on the service network, but its agent had ended the connection itself. */
  AgentGone: 'AgentGone',
  /** Nothing says that the management network of the node is faulty. */
  NoContradiction: 'NoContradiction',
  /** Heartbeats arrive, multicast of the master is not answered. */
  MulticastUnanswered: 'MulticastUnanswered',
  /** Some nodes do not answer on the management network. */
  MembersSilent: 'MembersSilent',
  /** All nodes of the pool answer on the management network. */
  MembersAnswer: 'MembersAnswer',
  /** Nobody answers any node, so it is the network and nothing moves. */
  ServiceDown: 'ServiceDown',
  /** No node of the pool has lost the service network. */
  ServiceReachable: 'ServiceReachable',
  /** Three or more controllers vote. */
  Majority: 'Majority',
  /** One or two controllers depend on the lock in etcd alone. */
  LockOnly: 'LockOnly',

  /** What is declared of the node is in force. */
  SpecInForce: 'SpecInForce',
  /** Heartbeats arrive and the node holds a lease. */
  LeaseHeld: 'LeaseHeld',
  /** The node is heard but has no majority of controllers. */
  LeaseNotHeld: 'LeaseNotHeld',
  /** A service interface that pools of the node use has no carrier. */
  CarrierLost: 'CarrierLost',
} as const;

export type Reason = (typeof Reason)[keyof typeof Reason];
