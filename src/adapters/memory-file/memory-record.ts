import { createHash } from 'node:crypto';
import { NEVER } from '../../core/time.ts';
import type { AgentMemory } from '../../ports/agent-memory.ts';

/** Changes whenever older content must not be understood any more; such content counts as none. */
const FORMAT = 'vippool-agent-memory/1';

/** Content of the memory file: one line with format and checksum, then JSON. */
export interface MemoryRecord {
  /** Grows by 1 with each save, so that two saves never have the same content. */
  readonly save: number;
  readonly memory: AgentMemory;
}

export function encodeMemory(record: MemoryRecord): Uint8Array {
  const { memory, save } = record;
  // JSON knows no infinity: a lease that never was is null.
  const leaseValidUntil = Number.isFinite(memory.leaseValidUntil) ? memory.leaseValidUntil : null;
  const body = Buffer.from(JSON.stringify({ save, memory: { ...memory, leaseValidUntil } }));
  return Buffer.concat([Buffer.from(`${FORMAT} ${checksum(body)}\n`), body]);
}

/** Undefined where the content is not exactly what `encodeMemory` made. */
export function decodeMemory(content: Uint8Array): MemoryRecord | undefined {
  const end = content.indexOf(0x0a);
  const body = content.subarray(end + 1);
  if (Buffer.from(content.subarray(0, Math.max(end, 0))).toString('latin1') !== `${FORMAT} ${checksum(body)}`) {
    return undefined;
  }
  const { save, memory } = JSON.parse(Buffer.from(body).toString('utf8')) as Encoded;
  return {
    save,
    memory: {
      ...memory,
      highestTerm: memory.highestTerm,
      assignment: memory.assignment,
      leaseSince: memory.leaseSince,
      leaseValidUntil: memory.leaseValidUntil ?? NEVER,
    },
  };
}

/** What JSON keeps: properties that are undefined are missing. */
type Encoded = {
  readonly save: number;
  readonly memory: Pick<AgentMemory, 'bootId' | 'lease'> &
    Partial<Pick<AgentMemory, 'highestTerm' | 'assignment' | 'leaseSince'>> & {
      readonly leaseValidUntil: AgentMemory['leaseValidUntil'] | null;
    };
};

const checksum = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
