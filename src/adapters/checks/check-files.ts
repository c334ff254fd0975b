import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import { Lane } from './lane.ts';

const ANY_EXECUTE = 0o111;
const BELIEVED_MS = 10_000;

/** A file that must not or cannot be run; the message says what to do about it. */
export class UnusableFile extends Error {}

/** Paths, and until when they are believed. */
interface Believed {
  readonly paths: readonly string[];
  readonly until: number;
}

/** The programs that checks may run: those below the agent's check directories. */
export class CheckFiles {
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly #clock: Clock;
  /** Programs that may be run, and until when that is believed. */
  readonly #good = new Map<string, number>();
  /** What is in directories. */
  readonly #listed = new Map<string, Believed>();
  /** The check directories without links. */
  #roots: Believed | undefined;

  /** @param directories absolute paths */
  constructor(directories: readonly string[], clock: Clock) {
    this.#clock = clock;
    this.#lanes = new Map(directories.map((directory) => [normalize(`${directory}${sep}`), new Lane()]));
  }

  /**
   * Looks whether a program may be run, and believes for 10 s that it may: between look and run it can change in any
   * case, and one that is gone by then does not end with 0.
   *
   * @returns false where `signal` was aborted before that was known
   * @throws UnusableFile
   */
  async program(path: string, signal: AbortSignal): Promise<boolean> {
    const lane = this.#laneOf(path);
    if (signal.aborted) return false;
    if ((this.#good.get(path) ?? 0) > this.#clock.now()) return true;
    const answer = await lane.run(async () => {
      await this.#inside(path);
      await mustRun(path);
      return true;
    }, signal);
    if (answer) this.#good.set(path, this.#clock.now() + BELIEVED_MS);
    return answer ?? false;
  }

  /** Looks anew at a program or a directory the next time. */
  doubt(path: string): void {
    this.#good.delete(path);
    this.#listed.delete(path);
  }

  /**
   * The programs of a directory, in order of name; hidden files and files that are not executable are none. Believed for
   * 10 s as well.
   *
   * @returns undefined where `signal` was aborted before they were known
   * @throws UnusableFile where there is none
   */
  async programs(directory: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const lane = this.#laneOf(join(directory, 'x'));
    if (signal.aborted) return undefined;
    const listed = this.#listed.get(directory);
    if (listed !== undefined && listed.until > this.#clock.now()) return listed.paths;
    return lane.run(async () => {
      await this.#inside(directory);
      const found: string[] = [];
      for (const entry of await entriesIn(directory)) {
        const path = join(directory, entry.name);
        if (entry.name.startsWith('.') || !(await isProgram(path))) continue;
        if (!entry.isFile()) await this.#inside(path);
        found.push(path);
      }
      found.sort();
      if (found.length === 0) throw new UnusableFile(`${directory} has no executable files on this host`);
      this.#listed.set(directory, { paths: found, until: this.#clock.now() + BELIEVED_MS });
      return found;
    }, signal);
  }

  #laneOf(path: string): Lane {
    if (!path.startsWith('/')) throw new UnusableFile(`"${path}" is no absolute path: write one ${this.#where()}`);
    const plain = normalize(path);
    for (const [directory, lane] of this.#lanes) if (plain.startsWith(directory)) return lane;
    throw new UnusableFile(`${path} is not ${this.#where()}: mount it there`);
  }

  /** Links may lead from one check directory to another, but nowhere else. */
  async #inside(path: string): Promise<void> {
    const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
      throw new UnusableFile(
        error.code === 'ENOENT' || error.code === 'ENOTDIR'
          ? `${path} does not exist on this host: mount it ${this.#where()}`
          : `${path} cannot be used: ${error.message}`,
      );
    });
    const roots = await this.#realRoots();
    if (roots.some((root) => `${real}${sep}`.startsWith(root))) return;
    throw new UnusableFile(`${path} is a link to ${real}, which is not ${this.#where()}`);
  }

  /** With a slash at the end. */
  async #realRoots(): Promise<readonly string[]> {
    const now = this.#clock.now();
    if (this.#roots === undefined || this.#roots.until <= now) {
      const found = await Promise.all([...this.#lanes.keys()].map((path) => realpath(path).catch(() => undefined)));
      const paths = found.filter((path) => path !== undefined).map((path) => normalize(`${path}${sep}`));
      this.#roots = { paths, until: now + BELIEVED_MS };
    }
    return this.#roots.paths;
  }

  #where(): string {
    const directories = [...this.#lanes.keys()].map((directory) => directory.slice(0, -1));
    return directories.length === 0
      ? 'below a check directory, and this agent has none'
      : `below ${directories.join(' or ')}`;
  }
}

async function mustRun(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isFile()) throw new UnusableFile(`${path} is no file`);
  if ((found.mode & ANY_EXECUTE) === 0) {
    throw new UnusableFile(`${path} is not executable on this host: set its mode to 0755`);
  }
}

const isProgram = (path: string): Promise<boolean> =>
  mustRun(path).then(
    () => true,
    () => false,
  );

async function entriesIn(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new UnusableFile(`${directory} is no directory`);
    throw new UnusableFile(`${directory} cannot be read: ${(error as Error).message}`);
  }
}
