import { type ElectionConfig, type ElectionState, initialElection } from '../election.ts';
import type { ElectionEffect, ElectionEvent } from '../election-types.ts';
import type { PoolName } from '../ids.ts';
import type { SourceSnapshot } from '../manifest.ts';
import type { MasterState } from '../master.ts';
import type { AgentMessage, AppliedReport, ControllerMessage, HealthReport, Hello } from '../messages.ts';
import type { NodeTable } from '../node-table.ts';
import { addMs, type Monotonic } from '../time.ts';
import { revokeAfterMs, type Timing } from '../timing.ts';
import type { PoolBook } from './pools.ts';
import type { StatusReport } from './status-report.ts';

export interface ControllerConfig {
  readonly election: ElectionConfig;
  readonly timing: Timing;
}

export interface ControllerState {
  readonly election: ElectionState;
  readonly nodes: NodeTable;
  /** Sessions of another life of a node whose lease may still be valid: their words wait until it has ended. */
  readonly waiting: ReadonlyMap<number, WaitingSession>;
  /** Undefined until the source was read once. */
  readonly pools: PoolBook | undefined;
  /** Decisions of the current reign. */
  readonly master: MasterState | undefined;
  /** Before that, a node that holds a lease may not have found us yet. */
  readonly blindUntil: Monotonic;
  /** Something that the master's decisions depend on has changed. */
  readonly dirty: boolean;
  /** When the master's decisions are due again without an event. */
  readonly reconcileAt: Monotonic;
}

export interface WaitingSession {
  readonly hello: Hello;
  readonly health: HealthReport | undefined;
  readonly applied: AppliedReport | undefined;
}

export type ControllerEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'election'; readonly event: ElectionEvent }
  | { readonly kind: 'agent'; readonly session: number; readonly message: AgentMessage }
  | { readonly kind: 'session-closed'; readonly session: number }
  | { readonly kind: 'snapshot'; readonly snapshot: SourceSnapshot }
  | { readonly kind: 'stop' };

export type ControllerEffect =
  | { readonly kind: 'election'; readonly effect: ElectionEffect }
  | { readonly kind: 'send'; readonly session: number; readonly message: ControllerMessage }
  | { readonly kind: 'protect' | 'finalize'; readonly pool: PoolName }
  | { readonly kind: 'publish'; readonly report: StatusReport }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export type ControllerStep = readonly [ControllerState, readonly ControllerEffect[]];

export const initialController = (now: Monotonic, config: ControllerConfig): ControllerState => ({
  election: initialElection,
  nodes: new Map(),
  waiting: new Map(),
  pools: undefined,
  master: undefined,
  blindUntil: addMs(now, revokeAfterMs(config.timing)),
  dirty: false,
  reconcileAt: Number.POSITIVE_INFINITY as Monotonic,
});
