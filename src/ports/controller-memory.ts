import type { ControllerMemory } from '../core/controller/controller-memory.ts';
import type { Monotonic } from '../core/time.ts';

export type { ControllerMemory };

export interface ControllerMemoryStore {
  /** Undefined where there is none, or none that can be trusted (torn, of another boot). */
  load(): ControllerMemory | undefined;
  /** Durable against a crash of the process (not of the host) when it returns. */
  save(memory: ControllerMemory): void;
  /** Only the end of the promise changed: cheap enough for every beat of the master. */
  savePromise(until: Monotonic): void;
}
