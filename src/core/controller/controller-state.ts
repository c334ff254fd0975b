import type { Ballot } from '../ballot.ts';
import { type Candidacy, noCandidacy } from '../candidacy.ts';
import { type ElectionConfig, type ElectionState, initialElection } from '../election.ts';
import type { ElectionEvent, RecordEvent, StoreEffect } from '../election-types.ts';
import type { Electorate, ElectorateMember } from '../electorate.ts';
import type { ControllerId, NodeName, PoolName } from '../ids.ts';
import { recalledTable } from '../known-leases.ts';
import { type Barring, NO_BARS } from './barring.ts';
import type { Verdicts } from '../lease-verdicts.ts';
import type { SourceSnapshot, TaskManifest } from '../manifest.ts';
import type { MasterState } from '../master.ts';
import type { AgentMessage, AppliedReport, ControllerMessage, HealthReport, Hello } from '../messages.ts';
import type { NodeTable } from '../node-table.ts';
import type { PeerMessage } from '../peer-messages.ts';
import type { Reign } from '../reign.ts';
import { NO_TASKS, type TaskBook, type TaskOrder } from '../tasks/task-book.ts';
import type { Instance, Term } from '../term.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import { abstentionMs, type Timing } from '../timing.ts';
import { type Care, NO_CARE } from './caring.ts';
import type { ControllerMemory } from './controller-memory.ts';
import type { Difference } from './differences.ts';
import type { HeardWish } from './electorate-wishes.ts';
import type { MemberProbe } from './member-probe.ts';
import type { PoolBook } from './pools.ts';
import { standingIn } from './standing.ts';
import type { StatusReport } from './status-report.ts';

export interface ControllerConfig {
  readonly self: Instance;
  /** The node whose agent runs on the host of this controller. */
  readonly node: NodeName;
  readonly bootId: string;
  /** Where agents and other controllers shall reach this one; undefined where it shall be none of the controllers. */
  readonly address: string | undefined;
  /** The controllers that there shall be; on record from the beginning where nothing is. */
  readonly controllers: readonly ElectorateMember[];
  readonly election: Omit<ElectionConfig, 'byVotes'>;
  readonly timing: Timing;
  /** Whether the master asks the nodes by multicast. Default false. */
  readonly asksMembers?: boolean;
}

/**
 * What we are by the electorate in force: 'refused' is who is no part of it, and configured with a list that would be a jump,
 * 'unknown' who has not learnt yet which one it is.
 */
export type Standing = 'unknown' | 'member' | 'joining' | 'outside' | 'refused';

export interface ControllerState {
  /** By which we act; undefined until it was learnt. */
  readonly electorate: Electorate | undefined;
  readonly standing: Standing;
  /** The controllers that we want there to be: as configured, or without us once we leave. */
  readonly wanted: readonly ElectorateMember[];
  readonly wishes: { readonly heard: ReadonlyMap<ControllerId, HeardWish>; readonly tellAt: Monotonic };
  /** What keeps the next change of the electorate waiting, for people. */
  readonly changeWaitsFor: string | undefined;
  /** When the record of the electorate is read next, and whether it is asked for now. */
  readonly record: { readonly pending: boolean; readonly readAt: Monotonic };
  readonly ballot: Ballot;
  readonly candidacy: Candidacy;
  /** Our own reign, as far as we were voted for. */
  readonly reign: Reign | undefined;
  readonly verdicts: Verdicts | undefined;
  readonly election: ElectionState;
  readonly nodes: NodeTable;
  /** Streams of agents that were let in, and the node that each began to speak for; the table says whether it still does. */
  readonly sessions: ReadonlyMap<number, NodeName>;
  /** Changes whenever other controllers would be told something else. */
  readonly tableVersion: number;
  /** The master was told that the table has changed, and has not asked for it since. */
  readonly toldOfTable: boolean;
  /** No lease ends before: until then there is nothing to look at. */
  readonly leaseCheckAt: Monotonic;
  /** Nobody is accused before: this process was late itself, and heartbeats may wait unread. */
  readonly accuseFrom: Monotonic;
  /** Since when leases that are due are put off for that; Infinity while none is. */
  readonly patientSince: Monotonic;
  /** Sessions of another life of a node whose lease may still be valid: their words wait until it has ended. */
  readonly waiting: ReadonlyMap<number, WaitingSession>;
  /** Undefined until the source was read once. */
  readonly pools: PoolBook | undefined;
  readonly care: Care;
  /** Of the current reign, where members are asked. */
  readonly memberProbe: MemberProbe | undefined;
  /** Where other controllers run, as they told. */
  readonly peerNodes: ReadonlyMap<ControllerId, NodeName>;
  /** When a master named us its successor last. */
  readonly chosenAt: Monotonic;
  /** Decisions of the current reign. */
  readonly master: MasterState | undefined;
  readonly tasks: TaskBook;
  /** What was asked of the peers of lost nodes in the current reign. */
  readonly bars: Barring;
  /** Before that, a node that holds a lease may not have found us yet. */
  readonly blindUntil: Monotonic;
  /** What was on record when our reign began, until it was compared with what the nodes hold. */
  readonly recordFound: PoolBook | undefined;
  /** Something that the master's decisions depend on has changed. */
  readonly dirty: boolean;
  /** When the master's decisions are due again without an event. */
  readonly reconcileAt: Monotonic;
  /** Before that there is no next decision: the last one took long. NEVER where it did not. */
  readonly restUntil: Monotonic;
}

export interface WaitingSession {
  readonly hello: Hello;
  readonly health: HealthReport | undefined;
  readonly applied: AppliedReport | undefined;
}

export type ControllerEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'election'; readonly event: ElectionEvent }
  | { readonly kind: 'record'; readonly event: RecordEvent }
  /** This controller ends for good: it shall be none of those that there are then. */
  | { readonly kind: 'leave'; readonly wanted: readonly ElectorateMember[] }
  | { readonly kind: 'agent'; readonly session: number; readonly message: AgentMessage }
  | { readonly kind: 'session-closed'; readonly session: number }
  | { readonly kind: 'peer'; readonly from: ControllerId; readonly message: PeerMessage }
  /** A node has answered the multicast of this round, from this address. */
  | { readonly kind: 'member-answered'; readonly node: NodeName; readonly address: string }
  /** Mastership is given up, with a successor; the controller goes on. */
  | { readonly kind: 'resign'; readonly reason: string }
  | { readonly kind: 'snapshot'; readonly snapshot: SourceSnapshot }
  /** `wallMs` is the wall clock now; `asOf` the newest term for which they were read anew. */
  | {
      readonly kind: 'tasks';
      readonly tasks: readonly TaskManifest[];
      readonly asOf: string | undefined;
      readonly wallMs: number;
    }
  /** A decision, and what followed from it, has kept this process busy for so long. */
  | { readonly kind: 'decided'; readonly tookMs: number }
  | { readonly kind: 'stop' };

export type ControllerEffect =
  | { readonly kind: 'election'; readonly effect: StoreEffect }
  | { readonly kind: 'send'; readonly session: number; readonly message: ControllerMessage }
  | { readonly kind: 'peer'; readonly to: ControllerId; readonly message: PeerMessage }
  /** Whom we talk to from now on, ourselves not among them. */
  | { readonly kind: 'connect'; readonly controllers: readonly ElectorateMember[] }
  /** Written before what follows it is done. */
  | { readonly kind: 'save'; readonly memory: ControllerMemory }
  | { readonly kind: 'save-promise'; readonly until: Monotonic }
  /** Asks all nodes by multicast; answered by `member-answered`. */
  | { readonly kind: 'ask-members'; readonly term: Term }
  | { readonly kind: 'elected'; readonly term: Term }
  | { readonly kind: 'deposed'; readonly term: Term; readonly reason: string }
  | { readonly kind: 'protect' | 'finalize'; readonly pool: PoolName }
  | { readonly kind: 'difference'; readonly difference: Difference }
  /** All that the source is to be told about tasks now; what is not in it any more is not wanted any more. */
  | { readonly kind: 'tasks'; readonly orders: readonly TaskOrder[] }
  | { readonly kind: 'publish'; readonly report: StatusReport }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export type ControllerStep = readonly [ControllerState, readonly ControllerEffect[]];

export const NOT_PATIENT = Number.POSITIVE_INFINITY as Monotonic;

/** @param memory of an earlier run of this boot; without it the controller abstains for a while */
export function initialController(
  now: Monotonic,
  config: ControllerConfig,
  memory: ControllerMemory | undefined,
): ControllerState {
  const recalled = memory?.bootId === config.bootId ? memory : undefined;
  const abstainUntil = recalled ? NEVER : addMs(now, abstentionMs(config.timing));
  return {
    electorate: recalled?.electorate,
    standing: standingIn(recalled?.electorate, config),
    wanted: config.controllers,
    wishes: { heard: new Map(), tellAt: now },
    changeWaitsFor: undefined,
    record: { pending: false, readAt: now },
    ballot: { abstainUntil, highestTerm: recalled?.highestTerm, promise: recalled?.promise },
    candidacy: noCandidacy,
    reign: undefined,
    verdicts: undefined,
    // Terms that were voted for are in no record of etcd: the lock's own has to be above them, where it decides again.
    election: { ...initialElection, highestTerm: recalled?.highestTerm },
    nodes: recalledTable(recalled?.leases ?? [], now),
    sessions: new Map(),
    tableVersion: 0,
    toldOfTable: false,
    leaseCheckAt: recalled ? now : (Number.POSITIVE_INFINITY as Monotonic),
    accuseFrom: NEVER,
    patientSince: NOT_PATIENT,
    waiting: new Map(),
    pools: undefined,
    care: NO_CARE,
    memberProbe: undefined,
    peerNodes: new Map(),
    chosenAt: NEVER,
    master: undefined,
    tasks: NO_TASKS,
    bars: NO_BARS,
    blindUntil: NEVER,
    recordFound: undefined,
    dirty: false,
    reconcileAt: Number.POSITIVE_INFINITY as Monotonic,
    restUntil: NEVER,
  };
}
