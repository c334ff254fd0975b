import { readdir, realpath, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { Lane } from './lane.ts';

const ANY_EXECUTE = 0o111;

/** A file that must not or cannot be run; the message says what to do about it. */
export class UnusableFile extends Error {}

/** The programs that checks may run: those below the agent's check directories. */
export class CheckFiles {
  readonly #lanes: ReadonlyMap<string, Lane>;

  /** @param directories absolute paths */
  constructor(directories: readonly string[]) {
    this.#lanes = new Map(directories.map((directory) => [normalize(`${directory}${sep}`), new Lane()]));
  }

  /**
   * Looks whether a program may be run.
   *
   * @returns false where `signal` was aborted before that was known
   * @throws UnusableFile
   */
  async program(path: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#laneOf(path).run(async () => {
      await this.#inside(path);
      await mustRun(path);
      return true;
    }, signal);
    return answer ?? false;
  }

  /**
   * The programs of a directory, in order of name; hidden files and files that are not executable are none.
   *
   * @returns undefined where `signal` was aborted before they were known
   * @throws UnusableFile where there is none
   */
  programs(directory: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    return this.#laneOf(join(directory, 'x')).run(async () => {
      await this.#inside(directory);
      const found: string[] = [];
      for (const name of (await namesIn(directory)).sort()) {
        const path = join(directory, name);
        if (name.startsWith('.') || !(await isProgram(path))) continue;
        await this.#inside(path);
        found.push(path);
      }
      if (found.length === 0) throw new UnusableFile(`${directory} has no executable files on this host`);
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
    for (const directory of this.#lanes.keys()) {
      const root = await realpath(directory).catch(() => undefined);
      if (root !== undefined && `${real}${sep}`.startsWith(`${root}${root.endsWith(sep) ? '' : sep}`)) return;
    }
    throw new UnusableFile(`${path} is a link to ${real}, which is not ${this.#where()}`);
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

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new UnusableFile(`${directory} is no directory`);
    throw new UnusableFile(`${directory} cannot be read: ${(error as Error).message}`);
  }
}
