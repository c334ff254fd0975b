/** Events and effects of core as the simulator knows them. */
import type { AgentEffect as CoreAgentEffect, AgentEvent as CoreAgentEvent } from '../../core/agent/agent-state.ts';
import type { ControllerId, NodeName } from '../../core/ids.ts';
import type { BarRequest } from '../../core/messages.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import type { WitnessPeer } from '../../ports/witness-link.ts';

export type AgentEvent =
  | CoreAgentEvent
  | { readonly kind: 'bar'; readonly controller: ControllerId; readonly request: BarRequest }
  | { readonly kind: 'witness'; readonly from: NodeName; readonly message: WitnessMessage };

export type AgentEffect =
  | CoreAgentEffect
  | { readonly kind: 'witness'; readonly to: NodeName; readonly message: WitnessMessage }
  | { readonly kind: 'witness-peers'; readonly peers: readonly WitnessPeer[] };
