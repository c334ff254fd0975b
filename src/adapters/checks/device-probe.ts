import { close, open, read as readFile } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DeviceProbe, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import { failed, passed } from './outcome.ts';
import { SharedLooks } from './shared-looks.ts';
import { deviceReads } from './thread-pool.ts';
import { untilAborted } from './until-aborted.ts';

const SECTOR_BYTES = 512;
const READ_BYTES = 256;
/** Of SCSI and of NVMe disks. Virtual ones have no state. */
const DISK_STATES = ['running', 'live'];
/** "read-auto" turns into "active" with the first write. */
const ARRAY_STATES = ['clean', 'active', 'active-idle', 'write-pending', 'read-auto'];
/** Of the names that multipathd gives to its maps; paths of other maps are what somebody made them. */
const MULTIPATH = 'mpath-';

const NEVER = new AbortController().signal;

/** A block device is there and running, with everything below it: partitions, md arrays, device mapper maps, disks. */
export class DeviceProbeRunner implements Probe<DeviceProbe> {
  readonly #root: string;
  readonly #reads = deviceReads();
  /** By directory in /sys. */
  readonly #partitions = new Map<string, boolean>();
  /** Most paths that a multipath map was seen with, by its UUID: one that was removed leaves no trace in /sys. */
  readonly #mostPaths = new Map<string, number>();
  /** By path. */
  readonly #looks: SharedLooks<ProbeOutcome | undefined>;

  /** @param root where /dev and /sys are found, for tests */
  constructor(clock: Clock, root = '/') {
    this.#looks = new SharedLooks(clock);
    this.#root = root;
  }

  async run({ path }: DeviceProbe, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    const look = this.#looks.at(path, context, () => this.#reads.run(path, () => this.#look(path), NEVER));
    const outcome = await untilAborted(look, signal);
    return outcome ?? failed(`${path}: the kernel does not answer within ${context.timeoutMs} ms`);
  }

  async #look(path: string): Promise<ProbeOutcome> {
    const directory = await this.#find(path);
    if (directory === undefined) return failed(`${path} is no block device on this host`);
    const size = Number(await read(directory, 'size'));
    const what = basename(directory) === basename(path) ? path : `${path} (${basename(directory)})`;
    if (!(size > 0)) return failed(`${what} has no size: nothing is attached`);
    const fault = await this.#fault(directory, new Set());
    if (fault !== undefined) return failed(`${path}: ${fault}`);
    const level = isArray(directory) ? await read(directory, 'md/level') : undefined;
    const readOnly = (await read(directory, 'ro')) === '1';
    const gibibytes = ((size * SECTOR_BYTES) / 2 ** 30).toFixed(1);
    return passed(
      [what, level, `${gibibytes} GiB`, readOnly ? 'read-only' : undefined].filter((part) => part).join(', '),
    );
  }

  /** Its directory in /sys. By number, so that links of any kind lead there; by name where /dev is not mounted. */
  async #find(path: string): Promise<string | undefined> {
    const found = await stat(join(this.#root, path)).catch(() => undefined);
    if (found?.isBlockDevice() === true) {
      return this.#real(`sys/dev/block/${major(found.rdev)}:${minor(found.rdev)}`);
    }
    if (found !== undefined) return undefined;
    if (dirname(path) === '/dev/mapper') return this.#mapNamed(basename(path));
    return dirname(path) === '/dev' ? this.#real(`sys/class/block/${basename(path)}`) : undefined;
  }

  async #mapNamed(name: string): Promise<string | undefined> {
    const classDirectory = join(this.#root, 'sys/class/block');
    for (const device of await readdir(classDirectory).catch(() => [])) {
      if (!device.startsWith('dm-')) continue;
      if ((await read(join(classDirectory, device), 'dm/name')) === name)
        return this.#real(`sys/class/block/${device}`);
    }
    return undefined;
  }

  #real(path: string): Promise<string | undefined> {
    return realpath(join(this.#root, path)).catch(() => undefined);
  }

  /** Asked once for each: what is a partition never becomes anything else. */
  async #isPartition(directory: string): Promise<boolean> {
    const known = this.#partitions.get(directory);
    if (known !== undefined) return known;
    const found = (await read(directory, 'partition')) !== undefined;
    this.#partitions.set(directory, found);
    return found;
  }

  /** What is wrong with it or with anything below it. @param seen directories that were looked at */
  async #fault(directory: string, seen: Set<string>): Promise<string | undefined> {
    if (seen.has(directory)) return undefined;
    seen.add(directory);
    const name = basename(directory);
    const own = await ownFault(directory);
    if (own !== undefined) return `${name} ${own}`;
    if (await this.#isPartition(directory)) return this.#fault(dirname(directory), seen);
    const parts = await readdir(join(directory, 'slaves')).catch(() => []);
    const faults: string[] = [];
    for (const part of parts) {
      const below = await realpath(join(directory, 'slaves', part)).catch(() => undefined);
      const fault = below === undefined ? `${part} is gone` : await this.#fault(below, seen);
      if (fault !== undefined) faults.push(fault);
    }
    const lost = await this.#lostPaths(directory, parts.length);
    if (faults.length > 0) return `${name} lacks ${faults.length} of ${parts.length} parts: ${faults.join(', ')}`;
    return lost === undefined ? undefined : `${name} ${lost}`;
  }

  async #lostPaths(directory: string, paths: number): Promise<string | undefined> {
    const uuid = isMap(directory) ? await read(directory, 'dm/uuid') : undefined;
    if (uuid?.startsWith(MULTIPATH) !== true) return undefined;
    const most = Math.max(paths, this.#mostPaths.get(uuid) ?? 0);
    this.#mostPaths.set(uuid, most);
    if (paths === most) return undefined;
    return `has ${paths} of ${most} paths: bring back what was lost, or restart the agent if it was removed on purpose`;
  }
}

const isArray = (directory: string): boolean => basename(directory).startsWith('md');
const isMap = (directory: string): boolean => basename(directory).startsWith('dm-');

function ownFault(directory: string): Promise<string | undefined> {
  if (isArray(directory)) return arrayFault(directory);
  return isMap(directory) ? mapFault(directory) : diskFault(directory);
}

async function diskFault(directory: string): Promise<string | undefined> {
  const state = await read(directory, 'device/state');
  return state === undefined || DISK_STATES.includes(state) ? undefined : `is ${state}`;
}

async function arrayFault(directory: string): Promise<string | undefined> {
  const state = await read(directory, 'md/array_state');
  if (state === undefined) return undefined;
  if (!ARRAY_STATES.includes(state)) return `is ${state}`;
  const missing = Number((await read(directory, 'md/degraded')) ?? 0);
  if (missing === 0) return undefined;
  const doing = await read(directory, 'md/sync_action');
  const disks = (await read(directory, 'md/raid_disks'))?.split(' ')[0] ?? '?';
  return `is degraded: ${missing} of ${disks} disks missing${doing === 'recover' ? ', being rebuilt' : ''}`;
}

async function mapFault(directory: string): Promise<string | undefined> {
  return (await read(directory, 'dm/suspended')) === '1' ? 'is suspended' : undefined;
}

/**
 * A file of a directory without its newline; undefined where there is none. Whatever the kernel has to say here fits into
 * one read. Three plain calls: readFile makes more, and file handles cost more.
 */
function read(directory: string, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    open(join(directory, name), 'r', (missing, file) => {
      if (missing) return resolve(undefined);
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      return readFile(file, buffer, 0, READ_BYTES, null, (failure, length) => {
        close(file, () => resolve(failure ? undefined : buffer.toString('utf8', 0, length).trim()));
      });
    });
  });
}

/** As glibc puts them together. */
const major = (rdev: number): number => {
  const number = BigInt(rdev);
  return Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n));
};
const minor = (rdev: number): number => {
  const number = BigInt(rdev);
  return Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n));
};
