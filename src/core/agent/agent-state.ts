import type { NodeConfig } from '../check-state.ts';
import type { Check, CheckName, CheckRun } from '../checks.ts';
import type { Electorate, ElectorateMember } from '../electorate.ts';
import type { Repair } from '../health-spec.ts';
import type { ControllerId, Incarnation, NodeName, PoolName, VipAddress } from '../ids.ts';
import type { Subnet } from '../ip.ts';
import type {
  AgentMessage,
  AssignedVip,
  Assignment,
  BarRequest,
  Capability,
  HostLoad,
  InterfaceState,
  LeaseName,
  NackReason,
  PoolMember,
  RefusedVip,
} from '../messages.ts';
import type { Term } from '../term.ts';
import { type Monotonic, NEVER } from '../time.ts';
import type { Timing } from '../timing.ts';
import type { WitnessMessage } from '../witness-messages.ts';
import type { AgentMemory, BoundAddress } from './agent-memory.ts';
import type { Announcement } from './announcements.ts';
import { type HealthState, NO_CHECKS } from './health-state.ts';
import { type HoldState, NO_HOLD, NO_WITNESS, type WitnessState } from './hold-state.ts';
import type { Rejoining } from './rejoining.ts';
import type { Round } from './rounds.ts';

export interface AgentConfig {
  readonly node: NodeName;
  readonly machineId: string;
  readonly bootId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  /** Where to ask which controllers there are. */
  readonly controllers: readonly ElectorateMember[];
  /** Where we answer our peers on the management network; empty: nowhere. */
  readonly witnessAddress: string;
  /** Whether something on this host answers the multicast of the master. */
  readonly answersMulticast: boolean;
  /** Interfaces the agent may touch. */
  readonly interfaces: readonly string[];
  /** Addresses it may bind. */
  readonly allowedAddresses: readonly Subnet[];
  readonly timing: Timing;
  /** Addresses are refreshed in the kernel each third of this. Default 30000. */
  readonly addressLifetimeMs: number;
}

export interface AgentState {
  /** Whose acknowledgements count; undefined before any controller told. */
  readonly electorate: Electorate | undefined;
  /** When that was adopted. */
  readonly adoptedAt: Monotonic;
  /** Nothing that we hold rests on acknowledgements of an earlier version than this; 0: nobody knows. */
  readonly restsOn: number;
  readonly lease: LeaseName;
  /** End of the node lease; NEVER without one. */
  readonly leaseUntil: Monotonic;
  /** Until then the kernel lets us answer for certain; what holds for us is the earlier one of both. */
  readonly fenceUntil: Monotonic;
  /** Start of the unbroken time with a lease. */
  readonly leaseSince: Monotonic | undefined;
  /** Send time of the newest acknowledged heartbeat of this lease, per controller. */
  readonly ackedAt: ReadonlyMap<ControllerId, Monotonic>;
  /** Send times of the latest heartbeat rounds. */
  readonly rounds: readonly Round[];
  readonly sequence: number;
  readonly highestTerm: Term | undefined;
  readonly connected: ReadonlySet<ControllerId>;
  /** Newest accepted; undefined before the first of this lease. */
  readonly assignment: Assignment | undefined;
  /** What really is on the interfaces by our doing. */
  readonly bound: ReadonlyMap<VipAddress, AssignedVip>;
  readonly refused: readonly RefusedVip[];
  /** VIPs of the assignment that nobody may answer for before they are bound. */
  readonly probing: ReadonlyMap<VipAddress, Probing>;
  /** Somebody else claims what we hold; the latest ones. */
  readonly rivals: ReadonlyMap<VipAddress, { readonly mac: string; readonly at: Monotonic }>;
  /** What was lost with the last lease, as long as a client may still look for it here. */
  readonly rejoining: Rejoining | undefined;
  /** When what is held on an interface was last announced because somebody asked. */
  readonly answeredAt: ReadonlyMap<string, Monotonic>;
  /** What each controller refused last, said once. */
  readonly refusals: ReadonlyMap<ControllerId, NackReason>;
  /** What the kernel fences, with its class. */
  readonly managed: ReadonlyMap<VipAddress, number>;
  readonly hold: HoldState;
  readonly witness: WitnessState;
  readonly fence: Capability;
  /** Undefined: nobody asked for it. */
  readonly realtime: Capability | undefined;
  readonly announcements: readonly Announcement[];
  readonly interfaces: readonly InterfaceState[];
  readonly health: HealthState;
  /** Of the last health report; from 1. */
  readonly healthNumber: number;
  readonly heartbeatAt: Monotonic;
  readonly refreshAt: Monotonic;
  /** Index of the bound VIP that is refreshed next. */
  readonly refreshFrom: number;
  /** The last report to the controllers, as text. */
  readonly reported: string;
  /** Asked to hand over: what nobody has taken over by then is let go of. */
  readonly leaveBy: Monotonic | undefined;
  /** `leaving`: hands nothing over any more, and what is on the interfaces after the removal has not been seen yet. */
  readonly phase: 'running' | 'leaving' | 'stopped';
}

export interface Probing {
  /** When the question is repeated; at or after `until`: it is not. */
  readonly again: Monotonic;
  readonly until: Monotonic;
  readonly formerMacs: readonly string[];
}

export type AgentEvent =
  | {
      readonly kind: 'start';
      readonly memory: AgentMemory | undefined;
      readonly marked: readonly BoundAddress[];
      readonly interfaces: readonly InterfaceState[];
      readonly fence: Capability;
      readonly realtime: Capability | undefined;
      /** Whether the kernel still lets this host answer: the proof that the lease of the previous run goes on. */
      readonly fenceOpen: boolean;
      /** For a new life; not used where the old one goes on. */
      readonly incarnation: Incarnation;
    }
  | { readonly kind: 'tick' }
  | { readonly kind: 'connected' | 'disconnected'; readonly controller: ControllerId }
  | {
      readonly kind: 'ack';
      readonly controller: ControllerId;
      readonly sequence: number;
      readonly term: Term | undefined;
      /** Version by which the controller acts. */
      readonly electorate: number;
    }
  | { readonly kind: 'electorate'; readonly electorate: Electorate }
  | {
      readonly kind: 'nack';
      readonly controller: ControllerId;
      readonly sequence: number;
      readonly term: Term | undefined;
      readonly reason: NackReason;
    }
  | { readonly kind: 'assignment'; readonly assignment: Assignment }
  /** Result of a `fence` effect. */
  | { readonly kind: 'fenced'; readonly fenceClass: number; readonly until: Monotonic }
  /** The kernel has closed the class although we had the right. */
  | { readonly kind: 'fence-lost'; readonly fenceClass: number }
  | { readonly kind: 'config'; readonly config: NodeConfig }
  | { readonly kind: 'check-run'; readonly run: CheckRun }
  /** Result of a `repair` effect. */
  | {
      readonly kind: 'repaired';
      readonly pool: PoolName;
      readonly number: number;
      readonly ok: boolean;
      /** Last line, for people. */
      readonly output: string;
    }
  | { readonly kind: 'bar'; readonly controller: ControllerId; readonly request: BarRequest }
  /** From another agent. */
  | { readonly kind: 'witness'; readonly from: NodeName; readonly message: WitnessMessage }
  | { readonly kind: 'realtime'; readonly realtime: Capability | undefined }
  /** How much of the host was used since the last of these. */
  | { readonly kind: 'load'; readonly load: HostLoad }
  /** Somebody else answers for this VIP, or announces it. */
  | { readonly kind: 'claimed'; readonly vip: VipAddress; readonly interface: string; readonly mac: string }
  | { readonly kind: 'interfaces'; readonly interfaces: readonly InterfaceState[] }
  /** The kernel lost this address, by whomever. */
  | { readonly kind: 'address-removed'; readonly address: BoundAddress }
  /** Events of the kernel were lost: this is on the interfaces now. */
  | { readonly kind: 'resync'; readonly marked: readonly BoundAddress[] }
  /** Result of a `change` effect: what is on the interfaces now. */
  | {
      readonly kind: 'observed';
      readonly marked: readonly BoundAddress[];
      readonly errors: readonly { readonly vip: VipAddress; readonly code: string }[];
    }
  /** Another host asks who has this VIP, which is bound here. */
  | { readonly kind: 'asked'; readonly vip: VipAddress; readonly interface: string; readonly mac: string }
  /** Result of an `ask-neighbours` effect: who was asked, the gateway as well. No entry: the interface has no carrier. */
  | { readonly kind: 'neighbours-asked'; readonly asked: readonly Questions[] }
  | { readonly kind: 'neighbour-answered'; readonly interface: string; readonly address: string }
  | { readonly kind: 'stop'; readonly mode: 'handover' | 'keep' };

/** Addresses on one interface. */
export interface Questions {
  readonly interface: string;
  readonly addresses: readonly string[];
}

/** Carried out in order, at once, before the next event. */
export type AgentEffect =
  | { readonly kind: 'send'; readonly controller: ControllerId; readonly message: AgentMessage }
  /** With whom there shall be a stream from now on. */
  | { readonly kind: 'connect'; readonly controllers: readonly ElectorateMember[] }
  /** Written before what follows it is done. */
  | { readonly kind: 'save'; readonly memory: AgentMemory }
  | { readonly kind: 'save-lease'; readonly validUntil: Monotonic }
  /** Answered by `observed`. */
  | { readonly kind: 'change'; readonly remove: readonly BoundAddress[]; readonly put: readonly BoundAddress[] }
  /** Answered by `fenced`. */
  | {
      readonly kind: 'fence';
      readonly mode: 'refresh' | 'acquire';
      readonly fenceClass: number;
      readonly until: Monotonic;
    }
  | { readonly kind: 'fence-manage'; readonly vips: ReadonlyMap<VipAddress, number> }
  /** All classes, or this one. */
  | { readonly kind: 'fence-close'; readonly fenceClass?: number }
  | { readonly kind: 'witness'; readonly to: NodeName; readonly message: WitnessMessage }
  /** Whom we may ask from now on. */
  | { readonly kind: 'witness-peers'; readonly peers: readonly PoolMember[] }
  | { readonly kind: 'probe'; readonly addresses: readonly BoundAddress[] }
  | { readonly kind: 'drop-connections'; readonly vips: readonly VipAddress[] }
  /** The full set of checks to run. */
  | { readonly kind: 'set-checks'; readonly checks: readonly Check[] }
  /** Which VIPs of each pool are held: the role of the node. */
  | { readonly kind: 'set-held'; readonly held: ReadonlyMap<PoolName, readonly VipAddress[]> }
  /** Runs this check now. */
  | { readonly kind: 'run-check'; readonly pool: PoolName; readonly name: CheckName }
  /** Runs the command once; a later one of the same pool ends it. Answered by `repaired`. */
  | {
      readonly kind: 'repair';
      readonly pool: PoolName;
      readonly number: number;
      /** Whose failure it is to mend. */
      readonly check: CheckName;
      readonly repair: Repair;
      /** VIPs of the pool that are held now. */
      readonly vips: readonly VipAddress[];
    }
  /** Undefined: as the agent was started. */
  | { readonly kind: 'log-level'; readonly level: NodeConfig['logLevel'] }
  | { readonly kind: 'announce'; readonly addresses: readonly BoundAddress[] }
  /** Asks these and the default gateway of each interface; answered by `neighbours-asked`. */
  | { readonly kind: 'ask-neighbours'; readonly questions: readonly Questions[] }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export type AgentStep = readonly [AgentState, readonly AgentEffect[]];

/** Of a step that only thinks. */
export const NO_EFFECTS: readonly AgentEffect[] = [];

const UNKNOWN: Capability = { active: false, message: 'not started yet' };

export const initialAgent = (lease: LeaseName): AgentState => ({
  electorate: undefined,
  adoptedAt: NEVER,
  restsOn: 0,
  lease,
  leaseUntil: NEVER,
  fenceUntil: NEVER,
  leaseSince: undefined,
  ackedAt: new Map(),
  rounds: [],
  sequence: 0,
  highestTerm: undefined,
  connected: new Set(),
  assignment: undefined,
  bound: new Map(),
  refused: [],
  probing: new Map(),
  rivals: new Map(),
  rejoining: undefined,
  answeredAt: new Map(),
  refusals: new Map(),
  managed: new Map(),
  hold: NO_HOLD,
  witness: NO_WITNESS,
  fence: UNKNOWN,
  realtime: undefined,
  announcements: [],
  interfaces: [],
  health: NO_CHECKS,
  healthNumber: 1,
  heartbeatAt: NEVER,
  refreshAt: NEVER,
  refreshFrom: 0,
  reported: '',
  leaveBy: undefined,
  phase: 'running',
});

/** When everything has to go unless more heartbeats are acknowledged. */
export const leaseEnd = (state: AgentState): Monotonic => Math.min(state.leaseUntil, state.fenceUntil) as Monotonic;

export const hasLease = (state: AgentState, now: Monotonic): boolean => now < leaseEnd(state);
