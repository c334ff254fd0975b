/**
 * What agents and controllers say to each other. The wire format (proto/vippool/v1) maps to these types one to one;
 * adapters/grpc validates at the edge, so whatever arrives here is well formed.
 */
import type { ControllerId, Epoch, Incarnation, NodeName, PoolName, VipAddress } from './ids.ts';
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
}

export interface Heartbeat {
  /** Number of the heartbeat round, the same on every stream. Grows by 1. */
  readonly sequence: number;
  readonly lease: LeaseName;
  /** Whether the sender held a valid node lease when it sent this. */
  readonly leaseValid: boolean;
  readonly highestTerm: Term | undefined;
}

/** The whole truth about the service interfaces; sent on change and after hello. */
export interface HealthReport {
  readonly interfaces: readonly InterfaceState[];
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

export type RefusalReason = 'AddressNotAllowed' | 'InterfaceNotAllowed' | 'AddressInUse' | 'BindFailed';

export type ControllerMessage = ({ readonly kind: 'ack' } & Ack) | ({ readonly kind: 'assignment' } & Assignment);

/** Answer to one heartbeat, at once. */
export interface Ack {
  readonly sequence: number;
  /** Highest term the controller knows; the agent adopts it. */
  readonly term: Term | undefined;
  readonly master: ControllerId | undefined;
}

/** The full set of VIPs that the node shall hold: level-triggered, never a delta. */
export interface Assignment {
  readonly term: Term;
  /** Grows by at least 1 with each assignment to this node within the term. */
  readonly version: number;
  readonly node: NodeName;
  readonly lease: LeaseName;
  readonly vips: readonly AssignedVip[];
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
