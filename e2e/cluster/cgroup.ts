/**
 * The cgroups of one node: one group in each hierarchy of cgroup v1, or a single one of v2. All processes of the node
 * are in it, those of its pods included, so that it is frozen and killed as a whole.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../lib/wait.ts';

const MOUNT = '/sys/fs/cgroup';
const PREFIX = 'vippool-lab-';
const IS_V2 = existsSync(join(MOUNT, 'cgroup.controllers'));
/** Where 1024 is one process that nothing was said about; the same for v2, where that is 100. */
const LAB_SHARES = 16_384;
const LAB_WEIGHT = 1_600;
const KILLED_WITHIN_MS = 20_000;

/** Folders of the hierarchies: of v1 those that the kernel has, with the one of v2 that stands beside them. */
const hierarchies = (): readonly string[] =>
  IS_V2
    ? [MOUNT]
    : readdirSync(MOUNT, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(MOUNT, entry.name, 'cgroup.procs')))
        .map((entry) => join(MOUNT, entry.name));

export class NodeCgroup {
  /** Below the root of each hierarchy. */
  readonly path: string;

  /** @param lab tells this lab from others on the machine. */
  constructor(lab: string, node: string) {
    this.path = `/${PREFIX}${lab}/${node}`;
  }

  /**
   * Makes what is not there. A node that boots takes no more of the processors than its share, and all nodes together
   * much more than a single process of the machine.
   *
   * @returns the files that a process writes its id to in order to join. */
  create(): readonly string[] {
    return hierarchies().map((hierarchy) => {
      const folder = join(hierarchy, this.path);
      mkdirSync(folder, { recursive: true });
      if (IS_V2) return joinV2(folder);
      if (existsSync(join(folder, 'cpuset.cpus'))) inheritCpuset(hierarchy, this.path);
      if (!existsSync(join(folder, 'cpu.shares'))) return join(folder, 'cgroup.procs');
      writeFileSync(join(folder, '..', 'cpu.shares'), String(LAB_SHARES));
      return systemGroup(folder);
    });
  }

  freeze(): void {
    if (IS_V2) writeFileSync(join(MOUNT, this.path, 'cgroup.freeze'), '1');
    else writeFileSync(join(MOUNT, 'freezer', this.path, 'freezer.state'), 'FROZEN');
  }

  thaw(): void {
    thawAll(this.path);
  }

  /** Ids of all of them. */
  processes(): readonly number[] {
    return processesOf(this.path);
  }

  /** Ends every process, frozen or not. */
  async kill(): Promise<void> {
    const gone = (): boolean => {
      thawAll(this.path);
      const pids = processesOf(this.path);
      for (const pid of pids) endNow(pid);
      return pids.length === 0;
    };
    await waitFor(`the processes of ${this.path} to end`, gone, KILLED_WITHIN_MS);
  }

  /** Without processes. */
  remove(): void {
    removeGroups(this.path);
  }
}

/**
 * Takes away what labs left whose harness was killed: the kernel ends their processes, but not those that are frozen.
 *
 * @returns whether nothing is left.
 */
export function sweepCgroups(isAlive: (lab: string) => boolean): boolean {
  const dead = labsOf().filter((lab) => !isAlive(lab.slice(PREFIX.length)));
  for (const lab of dead) {
    thawAll(`/${lab}`);
    for (const pid of processesOf(`/${lab}`)) endNow(pid);
    removeGroups(`/${lab}`);
  }
  const left = labsOf();
  return dead.every((lab) => !left.includes(lab));
}

const labsOf = (): readonly string[] => [
  ...new Set(hierarchies().flatMap((hierarchy) => readdirSync(hierarchy).filter((name) => name.startsWith(PREFIX)))),
];

/** The group of a lab itself, when its nodes are gone. */
export const removeLabCgroup = (lab: string): void => removeGroups(`/${PREFIX}${lab}`);

/** Processes may only be in a group that has no groups below it. */
function joinV2(folder: string): string {
  const controllers = readFileSync(join(MOUNT, 'cgroup.controllers'), 'utf8').trim().split(/\s+/);
  const enable = controllers.map((name) => `+${name}`).join(' ');
  for (const parent of [MOUNT, join(folder, '..'), folder])
    writeFileSync(join(parent, 'cgroup.subtree_control'), enable);
  writeFileSync(join(folder, '..', 'cpu.weight'), String(LAB_WEIGHT));
  return systemGroup(folder);
}

/** As on every host, the node's own programs are one group beside that of the pods: each by itself would weigh half as much. */
function systemGroup(folder: string): string {
  mkdirSync(join(folder, 'system'), { recursive: true });
  return join(folder, 'system', 'cgroup.procs');
}

/** A new group of cpuset may use nothing, and then no process may join it. */
function inheritCpuset(hierarchy: string, path: string): void {
  const parts = path.split('/').filter((part) => part !== '');
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const value = readFileSync(join(hierarchy, file), 'utf8').trim();
    parts.forEach((_, index) => writeFileSync(join(hierarchy, ...parts.slice(0, index + 1), file), value));
  }
}

/** Itself and all below, deepest first; nothing where it is not there. */
function groupsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => groupsBelow(join(folder, entry.name))), folder];
}

function thawAll(path: string): void {
  if (IS_V2) {
    for (const folder of groupsBelow(join(MOUNT, path))) writeFileSync(join(folder, 'cgroup.freeze'), '0');
    return;
  }
  for (const folder of groupsBelow(join(MOUNT, 'freezer', path)))
    writeFileSync(join(folder, 'freezer.state'), 'THAWED');
}

function processesOf(path: string): number[] {
  const hierarchy = IS_V2 ? MOUNT : join(MOUNT, 'freezer');
  return groupsBelow(join(hierarchy, path)).flatMap((folder) =>
    readFileSync(join(folder, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

/** Nothing where it has ended by itself. */
function endNow(pid: number): void {
  // 0 is a process outside of our PID namespace, and to `kill` our own group.
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function removeGroups(path: string): void {
  for (const hierarchy of hierarchies()) {
    for (const folder of groupsBelow(join(hierarchy, path))) {
      try {
        rmdirSync(folder);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // A process that is just ending: the next start takes the group away.
        if (code !== 'ENOENT' && code !== 'EBUSY') throw error;
      }
    }
  }
}
