import type { AgentMemory } from '../core/agent/agent-memory.ts';
import type { Monotonic } from '../core/time.ts';

export type { AgentMemory };

export interface AgentMemoryStore {
  /** Undefined where there is none, or none that can be trusted (torn, of another boot). */
  load(): AgentMemory | undefined;
  /** Durable against a crash of the process (not of the host) when it returns. */
  save(memory: AgentMemory): void;
  /** Only the end of the lease changed: cheap enough for every heartbeat. */
  saveLease(validUntil: Monotonic): void;
}
