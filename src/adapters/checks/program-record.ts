import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { signal, uptimeTicks } from './sys.ts';

const SIGKILL = 9;
/** More programs than ever run at once. */
const SLOTS = 128;
/** Process id, and the uptime in ticks when it was written down. */
const SLOT_BYTES = 16;
/** A UUID, as it was read. */
const BOOT_ID_BYTES = 36;

/** Where the programs that run are written down. */
export interface ProgramRecordPlace {
  /** The file; its directory is created where it is missing. */
  readonly path: string;
  /** Of the running boot: what another one has left is over. */
  readonly bootId: string;
}

/**
 * The programs of checks that run, kept in a file as well: an agent that was killed could not end them, and the next one
 * does. One small write for each start and each end.
 */
export class ProgramRecord {
  readonly #file: number;
  readonly #pids = Array.from({ length: SLOTS }, () => 0);
  readonly #slot = Buffer.alloc(SLOT_BYTES);

  private constructor(file: number) {
    this.#file = file;
  }

  /** Ends what is written down, and begins anew. Throws where the file cannot be written. */
  static open({ path, bootId }: ProgramRecordPlace): ProgramRecord {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const { pid, until } of recorded(path, bootId)) endGroup(pid, until);
    writeFileSync(path, Buffer.concat([Buffer.from(bootId), Buffer.alloc(SLOTS * SLOT_BYTES)]), { mode: 0o600 });
    return new ProgramRecord(openSync(path, 'r+'));
  }

  /** @param pid of a program that leads a process group, and that nobody has reaped */
  add(pid: number): void {
    this.#write(this.#pids.indexOf(0), pid);
  }

  remove(pid: number): void {
    this.#write(this.#pids.indexOf(pid), 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(index: number, pid: number): void {
    if (index < 0) return;
    this.#pids[index] = pid;
    this.#slot.writeUInt32LE(pid, 0);
    this.#slot.writeBigUInt64LE(pid === 0 ? 0n : uptimeTicks(), 8);
    writeSync(this.#file, this.#slot, 0, SLOT_BYTES, BOOT_ID_BYTES + index * SLOT_BYTES);
  }
}

function recorded(path: string, bootId: string): readonly { readonly pid: number; readonly until: bigint }[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return [];
  }
  if (bytes.toString('latin1', 0, BOOT_ID_BYTES) !== bootId) return [];
  const found: { pid: number; until: bigint }[] = [];
  for (let at = BOOT_ID_BYTES; at + SLOT_BYTES <= bytes.length; at += SLOT_BYTES) {
    const pid = bytes.readUInt32LE(at);
    if (pid !== 0) found.push({ pid, until: bytes.readBigUInt64LE(at + 8) });
  }
  return found;
}

/**
 * Kills a program with its process group. One that cannot be killed now, since it hangs in the kernel, never runs on.
 *
 * @param until uptime when the program had this number: who has it now and began later is somebody else
 */
function endGroup(pid: number, until: bigint): void {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return;
  }
  // A name may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  const [group, startedAt = ''] = [Number(fields[2]), fields[19]];
  if (group === pid && /^\d+$/.test(startedAt) && BigInt(startedAt) <= until) signal(-pid, SIGKILL);
}
