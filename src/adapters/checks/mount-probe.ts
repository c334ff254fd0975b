import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MountProbe, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import { Lanes } from './lanes.ts';
import { mountAt } from './mount-table.ts';
import { failed, passed } from './outcome.ts';
import { outcomeOf } from './program-outcome.ts';
import type { ProgramEnd, Programs } from './programs.ts';
import { SharedLooks } from './shared-looks.ts';
import { untilAborted } from './until-aborted.ts';

const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C'];

/**
 * Asks the file system itself, in a process that may hang in its stead. $1: mount point; $2: name of the file to write,
 * empty: none; $3: what to write. The file is created anew each time, so that nobody can put a link in its place.
 * Prints the blocks of the file system and those that are free for users. Each program costs more than what it does, so
 * one `find` removes the file and then reads the begin of the directory.
 */
const LOOK = `
space=$(stat -f -c '%b %a' -- "$1") || exit 1
if [ -z "$2" ]; then
  find "$1" -mindepth 1 -maxdepth 1 -quit || exit 1
else
  file=$1/$2
  if [ -e "$file" ] || [ -L "$file" ]; then rm -f -- "$file" || exit 1; fi
  if ! dd "of=$file" conv=excl,fsync status=none <<EOF
$3
EOF
  then
    rm -f -- "$file" 2>/dev/null
    exit 1
  fi
  read -r found <"$file"
  find "$file" "$1" -maxdepth 1 -name "$2" -delete -o -quit || exit 1
  if [ "$found" != "$3" ]; then
    echo "$file: what was read is not what was written"
    exit 1
  fi
fi
echo "$space"
`;

/**
 * Something is mounted there, of the right type, and answers: its space, the begin of its directory and, where it is to
 * be writable, a file that is written to the medium, read and removed. A file system that hangs costs one process that
 * cannot be killed, and no more as long as it hangs.
 */
export class MountProbeRunner implements Probe<MountProbe> {
  readonly #programs: Programs;
  /** By mount point; how many programs run at once is not theirs to say. */
  readonly #lanes = new Lanes(Infinity);
  readonly #clock: Clock;
  readonly #looks: SharedLooks<ProgramEnd | undefined>;
  /** Of all mounts: with hundreds of them the kernel takes its time to write it. */
  readonly #tables: SharedLooks<string>;

  constructor(programs: Programs, clock: Clock) {
    this.#programs = programs;
    this.#clock = clock;
    this.#looks = new SharedLooks(clock);
    this.#tables = new SharedLooks(clock);
  }

  async run(probe: MountProbe, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    const table = await this.#tables.at('', context, () => readFile('/proc/self/mountinfo', 'utf8'));
    const mount = mountAt(probe.path, table);
    if (mount === undefined) return failed(`nothing is mounted on ${probe.path}`);
    const { path, fsType, source } = mount;
    if (probe.fsType !== '' && fsType !== probe.fsType)
      return failed(`${path} is ${fsType} of ${source}, not ${probe.fsType}`);
    if (probe.writable && mount.readOnly) return failed(`${path} (${fsType} of ${source}) is mounted read-only`);
    // With the same time to answer: a look that ends for one of them has then taken too long for all.
    const key = `${probe.writable ? 'write' : 'read'} ${context.timeoutMs} ${path}`;
    const look = this.#looks.at(key, context, () =>
      this.#look(path, probe.writable ? fileOf(context, path) : '', context),
    );
    const end = await untilAborted(look, signal);
    const outcome = outcomeOf(end ?? { kind: 'late', output: '' }, context, `${path} (${fsType}): `);
    return outcome.ok ? judged(outcome.output, `${path} (${fsType})`, probe.writable) : outcome;
  }

  /** @param file empty: none is written */
  #look(path: string, file: string, { node, timeoutMs }: ProbeContext): Promise<ProgramEnd | undefined> {
    const args = [path, file, node];
    const late = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => late.abort());
    const work = (): Promise<ProgramEnd> =>
      this.#programs.runText(`mount ${path}`, LOOK, args, ENVIRONMENT, late.signal);
    return this.#lanes.run(path, work, late.signal).finally(cancel);
  }
}

/** Each host has its own at each of its mount points, since many of them may share one file system. */
const fileOf = ({ node }: ProbeContext, path: string): string =>
  `.vippool-check-${createHash('sha256').update(`${node}/${path}`).digest('hex').slice(0, 16)}`;

/** @param space blocks, and blocks that are free for users */
function judged(space: string, what: string, writable: boolean): ProbeOutcome {
  const [blocks = 0, free = 0] = space.split(' ').map(Number);
  // Some file systems have no notion of space.
  if (blocks === 0) return passed(`${what} answers`);
  // Root, as which the file was written, may have a reserve.
  if (writable && free === 0) return failed(`${what}: no space is left for anybody but root`);
  return passed(`${what} answers, ${Math.floor((100 * free) / blocks)} % of it is free`);
}
