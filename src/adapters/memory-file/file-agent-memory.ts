import { type Monotonic, NEVER } from '../../core/time.ts';
import type { AgentMemory, AgentMemoryStore } from '../../ports/agent-memory.ts';
import { MemoryFiles } from './memory-files.ts';

/** What JSON keeps of the memory; a lease that never was is null. */
type Saved = Pick<AgentMemory, 'bootId' | 'lease'> &
  Partial<Pick<AgentMemory, 'highestTerm' | 'assignment' | 'leaseSince'>> & {
    readonly leaseValidUntil: AgentMemory['leaseValidUntil'] | null;
  };

/**
 * The agent's memory in the files `agent-memory` and `agent-lease`. The assignment is kept with everything in it: what
 * had to be probed before it was bound has to be probed by the next process too.
 */
export class FileAgentMemory implements AgentMemoryStore {
  readonly #files: MemoryFiles;
  readonly #bootId: string;

  /**
   * @param directory is created where it is missing, with mode 0700.
   * @param bootId of the running boot: memory of another one counts as none.
   */
  constructor(directory: string, bootId: string) {
    this.#bootId = bootId;
    this.#files = new MemoryFiles({
      directory,
      content: 'agent-memory',
      deadline: 'agent-lease',
      format: 'vippool-agent-memory/2',
    });
  }

  load(): AgentMemory | undefined {
    const loaded = this.#files.load((value) => (value as Saved).bootId === this.#bootId);
    if (!loaded) return undefined;
    const saved = loaded.value as Saved;
    return {
      ...saved,
      highestTerm: saved.highestTerm,
      assignment: saved.assignment,
      leaseSince: saved.leaseSince,
      leaseValidUntil: loaded.deadline ?? saved.leaseValidUntil ?? NEVER,
    };
  }

  save(memory: AgentMemory): void {
    this.#files.save(memory);
  }

  saveLease(validUntil: Monotonic): void {
    this.#files.saveDeadline(validUntil);
  }

  /** Closes the file that saveLease keeps open. */
  close(): void {
    this.#files.close();
  }
}
