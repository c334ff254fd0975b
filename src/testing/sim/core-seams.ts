/** Events and effects of core as the simulator knows them. */
import type { BoundAddress } from '../../core/agent/agent-memory.ts';
import type { AgentEffect as CoreAgentEffect, AgentEvent as CoreAgentEvent } from '../../core/agent/agent-state.ts';
import type { ControllerMemory } from '../../core/controller/controller-memory.ts';
import type {
  ControllerEffect as CoreControllerEffect,
  ControllerEvent as CoreControllerEvent,
} from '../../core/controller/controller-state.ts';
import type { Electorate } from '../../core/electorate.ts';
import type {
  ElectionEffect as CoreElectionEffect,
  ElectionEvent as CoreElectionEvent,
  QueueEntry,
} from '../../core/election-types.ts';
import type { ControllerId, NodeName, VipAddress } from '../../core/ids.ts';
import type { BarRequest, NackReason } from '../../core/messages.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import type { Term } from '../../core/term.ts';
import type { Monotonic } from '../../core/time.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import type { FenceClass } from '../../ports/fence.ts';
import type { WitnessPeer } from '../../ports/witness-link.ts';

export type AgentEvent =
  | CoreAgentEvent
  | {
      readonly kind: 'nack';
      readonly controller: ControllerId;
      readonly sequence: number;
      readonly term: Term | undefined;
      readonly reason: NackReason;
    }
  | { readonly kind: 'bar'; readonly controller: ControllerId; readonly request: BarRequest }
  | { readonly kind: 'witness'; readonly from: NodeName; readonly message: WitnessMessage }
  | { readonly kind: 'claimed'; readonly vip: VipAddress; readonly interface: string; readonly mac: string };

export type AgentEffect =
  | CoreAgentEffect
  | {
      readonly kind: 'fence';
      readonly mode: 'refresh' | 'acquire';
      readonly fenceClass: FenceClass;
      readonly until: Monotonic;
    }
  | { readonly kind: 'fence-manage'; readonly vips: ReadonlyMap<VipAddress, FenceClass> }
  | { readonly kind: 'fence-close'; readonly fenceClass?: FenceClass }
  | { readonly kind: 'witness'; readonly to: NodeName; readonly message: WitnessMessage }
  | { readonly kind: 'witness-peers'; readonly peers: readonly WitnessPeer[] }
  | { readonly kind: 'probe'; readonly addresses: readonly BoundAddress[] }
  | { readonly kind: 'drop-connections'; readonly vips: readonly VipAddress[] };

export type ControllerEvent =
  | CoreControllerEvent
  | { readonly kind: 'peer'; readonly from: ControllerId; readonly message: PeerMessage }
  | { readonly kind: 'resign'; readonly reason: string };

export type ControllerEffect =
  | CoreControllerEffect
  | { readonly kind: 'peer'; readonly to: ControllerId; readonly message: PeerMessage }
  | { readonly kind: 'save'; readonly memory: ControllerMemory }
  | { readonly kind: 'save-promise'; readonly until: Monotonic }
  | { readonly kind: 'elected'; readonly term: Term }
  | { readonly kind: 'deposed'; readonly term: Term; readonly reason: string };

export type ElectionEffect =
  | CoreElectionEffect
  | {
      readonly kind: 'takeOver';
      readonly entry: QueueEntry;
      readonly ahead: readonly QueueEntry[];
      readonly term: Term;
      readonly previous: Term | undefined;
    }
  | { readonly kind: 'electorate'; readonly wanted: Electorate };

export type ElectionEvent =
  | CoreElectionEvent
  | { readonly kind: 'claimed' | 'taken-over'; readonly won: boolean; readonly term: Term }
  | { readonly kind: 'electorate'; readonly recorded: Electorate };
