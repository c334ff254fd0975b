/**
 * What agents and controllers say to each other. The wire format (proto/vippool/v1) maps to these types one to one;
 * adapters/grpc validates at the edge, so whatever arrives here is well formed.
 */
import type { CheckState, NetworkState, NodeConfig } from './check-state.ts';
import type { Electorate, ElectorateName } from './electorate.ts';
import type { ControllerId, Epoch, Incarnation, NodeName, PoolName, VipAddress } from './ids.ts';
import type { Reach } from './neighbours.ts';
import type { Term } from './term.ts';

/** (incarnation, epoch): which node lease of which life of an agent is meant. */
export interface LeaseName {
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
}

export type AgentMessage =
  | ({ readonly kind: 'hello' } & Hello)
  | ({ readonly kind: 'heartbeat' } & Heartbeat)
  | ({ readonly kind: 'health' } & HealthReport)
  | ({ readonly kind: 'applied' } & AppliedReport)
  | ({ readonly kind: 'barred' } & Barred)
  | { readonly kind: 'goodbye'; readonly reason: string };

/** First message of every session; identifies who speaks. */
export interface Hello {
  readonly node: NodeName;
  readonly machineId: string;
  readonly bootId: string;
  readonly lease: LeaseName;
  /** For how long the sender has held a node lease without a break; 0 without one. */
  readonly leaseHeldMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  /** By which the agent counts acknowledgements; undefined before it was told of one. */
  readonly electorate: ElectorateName | undefined;
  /** Where the agent answers its peers on the management network ("host:port"); empty: nowhere. */
  readonly witnessAddress: string;
  /** Whether it answers the multicast of the master. */
  readonly answersMulticast: boolean;
}

export interface Heartbeat {
  /** Number of the heartbeat round, the same on every stream. Grows by 1. */
  readonly sequence: number;
  readonly lease: LeaseName;
  /** Whether the sender held a valid node lease when it sent this. */
  readonly leaseValid: boolean;
  readonly highestTerm: Term | undefined;
  /** Version of the electorate by which the sender counts acknowledgements; 0 before it was told of one. */
  readonly electorate: number;
  /** Nothing that it may hold rests on acknowledgements of an earlier version than this. */
  readonly restsOn: number;
}

/** The whole truth about the service interfaces; sent on change and after hello. */
export interface HealthReport {
  /** Grows by 1 with each change within a session, from 1: a report that was overtaken says nothing. */
  readonly number: number;
  readonly interfaces: readonly InterfaceState[];
  /** Whether the kernel makes this host silent when its lease ends, whatever the agent does. */
  readonly fence: Capability;
  /** Whether the agent is scheduled in real time; undefined: nobody asked for that. */
  readonly realtime: Capability | undefined;
  /** Every declared check that the agent knows of. */
  readonly checks: readonly CheckState[];
  readonly management: NetworkState;
  readonly service: NetworkState;
  /** Of each interface on which neighbours are asked. */
  readonly reach: readonly Reach[];
  /** Watched addresses (`Neighbours`) that answer here. */
  readonly answering: readonly string[];
  /** Its agent stops as soon as others have its VIPs. */
  readonly leaving: boolean;
  /** Undefined where it is not known. */
  readonly load?: HostLoad | undefined;
}

/** How much of a host's resources is used, in percent of all: 0 to 100. */
export interface HostLoad {
  /** Of all processors, averaged. */
  readonly processorPercent: number;
  /** What could not be given to somebody who asks for it. */
  readonly memoryPercent: number;
}

/** Something that the host can or cannot do. */
export interface Capability {
  readonly active: boolean;
  /** What it rests on, or why it is not there; for people. */
  readonly message: string;
}

export interface InterfaceState {
  readonly name: string;
  /** "02:42:ac:11:00:02", empty where the link has none. */
  readonly mac: string;
  readonly carrier: boolean;
  /** The host's own addresses as CIDR ("192.0.2.7/24"), without VIPs. */
  readonly addresses: readonly string[];
}

/**
 * The newest assignment whose every effect has ended, and what the node really holds.
 * `term` is undefined and `version` 0 before the first assignment of an incarnation.
 */
export interface AppliedReport {
  readonly lease: LeaseName;
  readonly term: Term | undefined;
  readonly version: number;
  readonly held: readonly HeldVip[];
  readonly refused: readonly RefusedVip[];
  /** Somebody else announced a VIP that we hold, not long ago. */
  readonly rivals: readonly Rival[];
  /** Pools of which we may hold something beyond this lease. */
  readonly holds: readonly HoldRight[];
}

/** Confirmations of more than half of these members let a node go on with VIPs of the pool (failure model: Hold). */
export interface HoldRight {
  readonly pool: PoolName;
  readonly members: readonly NodeName[];
}

export interface Rival {
  readonly vip: VipAddress;
  /** "02:42:ac:11:00:02" */
  readonly mac: string;
}

/** "I shall not confirm that lease any more" (failure model: Hold). */
export interface Barred {
  readonly node: NodeName;
  readonly lease: LeaseName;
  /** Of the request. */
  readonly number: number;
  /** Our own lease, which was valid then. */
  readonly by: LeaseName;
}

export interface HeldVip {
  readonly vip: VipAddress;
  readonly pool: PoolName;
  readonly interface: string;
  readonly prefixLength: number;
}

/** A VIP of the assignment that this host could not or may not bind. */
export interface RefusedVip {
  readonly vip: VipAddress;
  readonly reason: RefusalReason;
  readonly message: string;
}

export type RefusalReason =
  | 'AddressNotAllowed'
  | 'InterfaceNotAllowed'
  | 'AddressInUse'
  | 'BindFailed'
  /** Before binding, a host that is none of ours answered for the address. */
  | 'AddressConflict'
  /** Before binding, the lost holder answered: it lives on the service network. */
  | 'HolderAnswers';

export type ControllerMessage =
  | ({ readonly kind: 'ack' } & Ack)
  | ({ readonly kind: 'nack' } & Nack)
  | ({ readonly kind: 'assignment' } & Assignment)
  | ({ readonly kind: 'bar' } & BarRequest)
  | ({ readonly kind: 'config' } & NodeConfig)
  | { readonly kind: 'electorate'; readonly electorate: Electorate };

/** Answer to one heartbeat, at once. */
export interface Ack {
  readonly sequence: number;
  /** Highest term the controller knows; the agent adopts it. */
  readonly term: Term | undefined;
  readonly master: ControllerId | undefined;
  /** Version of the electorate by which the controller acts: to another one than the agent's this is no word. */
  readonly electorate: number;
}

/** The heartbeat does not prolong the lease here. One refusal never ends a lease: a majority may still acknowledge. */
export interface Nack {
  readonly sequence: number;
  readonly term: Term | undefined;
  readonly reason: NackReason;
}

export type NackReason =
  /** This controller has counted the lease as ended; the next epoch is welcome. */
  | 'Revoked'
  /** It started without memory a moment ago. */
  | 'Abstaining'
  /** Of one or two controllers only the holder of the lock acknowledges. */
  | 'Standby'
  /** It is no member of the electorate, or acts by another version of it than the agent. */
  | 'OtherElectorate';

/**
 * Asks an agent never to confirm that lease of another node, and to say so; `lift` takes it back (failure model: Hold).
 */
export interface BarRequest {
  readonly term: Term;
  readonly node: NodeName;
  readonly lease: LeaseName;
  readonly number: number;
  readonly lift: boolean;
}

/** The full set of VIPs that the node shall hold: level-triggered, never a delta. */
export interface Assignment {
  readonly term: Term;
  /** Grows by at least 1 with each assignment to this node within the term. */
  readonly version: number;
  readonly node: NodeName;
  readonly lease: LeaseName;
  readonly vips: readonly AssignedVip[];
  /** Which of them were lost by their holder: bound only when nobody answers for them. Says nothing on a repetition. */
  readonly probes: readonly Probe[];
  /** Pools with `onQuorumLoss: Hold` among them. */
  readonly holdPools: readonly HoldPool[];
}

export interface Probe {
  readonly vip: VipAddress;
  /** MACs of the node that held it. */
  readonly formerMacs: readonly string[];
  /** Its holder was found alive not long ago: silence for a moment does not prove that it is gone. */
  readonly insistent: boolean;
}

/** Whose confirmation lets a node without a lease go on with the VIPs of this pool. */
export interface HoldPool {
  readonly name: PoolName;
  /** Every node of the pool, the receiver as well. */
  readonly members: readonly PoolMember[];
}

export interface PoolMember {
  readonly node: NodeName;
  /** Where its agent answers, "host:port", on either network. */
  readonly addresses: readonly string[];
}

export interface AssignedVip {
  readonly vip: VipAddress;
  readonly pool: PoolName;
  readonly interface: string;
  readonly prefixLength: number;
  readonly announce: AnnouncePolicy;
}

/** How a new holder tells the network (ARP / NDP): `count` announcements `intervalMs` apart, then every `refreshMs` (0: never). */
export interface AnnouncePolicy {
  readonly count: number;
  readonly intervalMs: number;
  readonly refreshMs: number;
}
