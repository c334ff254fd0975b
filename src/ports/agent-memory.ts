import type { Epoch, Incarnation } from '../core/ids.ts';
import type { Assignment } from '../core/messages.ts';
import type { Term } from '../core/term.ts';
import type { Monotonic } from '../core/time.ts';

/** What an agent must not forget over a restart within one boot. */
export interface AgentMemory {
  readonly bootId: string;
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
  readonly highestTerm: Term | undefined;
  /** The newest accepted assignment, written before it is acted on. */
  readonly assignment: Assignment | undefined;
  /** End of the node lease as last proven. */
  readonly leaseValidUntil: Monotonic;
}

export interface AgentMemoryStore {
  /** Undefined where there is none, or none that can be trusted (torn, of another boot). */
  load(): AgentMemory | undefined;
  /** Durable against a crash of the process (not of the host) when it returns. */
  save(memory: AgentMemory): void;
  /** Only the end of the lease changed: cheap enough for every heartbeat. */
  saveLease(validUntil: Monotonic): void;
}
