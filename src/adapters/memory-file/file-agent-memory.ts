import { type Monotonic, NEVER } from '../../core/time.ts';
import type { AgentMemory, AgentMemoryStore } from '../../ports/agent-memory.ts';
import { MemoryFiles } from './memory-files.ts';

/** The agent's memory: `agent-memory`, and the end of its lease in `agent-lease`. */
export class FileAgentMemory implements AgentMemoryStore {
  readonly #files: MemoryFiles;
  readonly #bootId: string;

  /**
   * @param directory is created where it is missing, with mode 0700.
   * @param bootId of the running boot: memory of another one counts as none.
   */
  constructor(directory: string, bootId: string) {
    this.#files = new MemoryFiles(
      directory,
      { memory: 'agent-memory', deadline: 'agent-lease' },
      'vippool-agent-memory/2',
    );
    this.#bootId = bootId;
  }

  load(): AgentMemory | undefined {
    const loaded = this.#files.load();
    const memory = loaded?.memory as Encoded | undefined;
    if (!memory || memory.bootId !== this.#bootId) return undefined;
    return {
      ...memory,
      highestTerm: memory.highestTerm,
      assignment: memory.assignment,
      leaseSince: memory.leaseSince,
      leaseValidUntil: loaded?.deadline ?? memory.leaseValidUntil ?? NEVER,
    };
  }

  save(memory: AgentMemory): void {
    // JSON knows no infinity: a lease that never was is null.
    const leaseValidUntil = Number.isFinite(memory.leaseValidUntil) ? memory.leaseValidUntil : null;
    this.#files.save({ ...memory, leaseValidUntil });
  }

  saveLease(validUntil: Monotonic): void {
    this.#files.saveDeadline(validUntil);
  }

  /** Closes the file that saveLease keeps open. */
  close(): void {
    this.#files.close();
  }
}

/** What JSON keeps: properties that are undefined are missing. */
type Encoded = Pick<AgentMemory, 'bootId' | 'lease'> &
  Partial<Pick<AgentMemory, 'highestTerm' | 'assignment' | 'leaseSince'>> & {
    readonly leaseValidUntil: AgentMemory['leaseValidUntil'] | null;
  };
