import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import { fileReads } from './thread-pool.ts';

const ANY_EXECUTE = 0o111;
const BELIEVED_MS = 10_000;

/** A file that must not or cannot be run; the message says what to do about it. */
export class UnusableFile extends Error {}

/** What was found, and until when it is believed. */
interface Believed<T> {
  readonly found: T;
  readonly until: number;
}

/** The programs that checks may run: those below the agent's check directories. */
export class CheckFiles {
  /** The check directories, with a slash at the end. */
  readonly #directories: readonly string[];
  readonly #clock: Clock;
  /** Programs that may be run, and until when that is believed. */
  readonly #good = new Map<string, number>();
  /** What is in directories. */
  readonly #listed = new Map<string, Believed<readonly string[]>>();
  /** The check directories without links; undefined for one that is not there. */
  readonly #real = new Map<string, Believed<string | undefined>>();

  /** @param directories absolute paths */
  constructor(directories: readonly string[], clock: Clock) {
    this.#clock = clock;
    this.#directories = directories.map((directory) => normalize(`${directory}${sep}`));
  }

  /**
   * Looks whether a program may be run, and believes for 10 s that it may: between look and run it can change in any
   * case, and one that is gone by then does not end with 0.
   *
   * @returns false where `signal` was aborted before that was known
   * @throws UnusableFile
   */
  async program(path: string, signal: AbortSignal): Promise<boolean> {
    const own = this.#above(path);
    if (signal.aborted) return false;
    if ((this.#good.get(path) ?? 0) > this.#clock.now()) return true;
    const look = async (): Promise<true> => {
      await this.#inside(path, own);
      await mustRun(path);
      return true;
    };
    const answer = await fileReads.run(dirname(path), look, signal);
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
    const own = this.#above(join(directory, 'x'));
    if (signal.aborted) return undefined;
    const listed = this.#listed.get(directory);
    if (listed !== undefined && listed.until > this.#clock.now()) return listed.found;
    const look = async (): Promise<readonly string[]> => {
      await this.#inside(directory, own);
      const found: string[] = [];
      for (const entry of await entriesIn(directory)) {
        const path = join(directory, entry.name);
        if (entry.name.startsWith('.') || !(await isProgram(path))) continue;
        if (!entry.isFile()) await this.#inside(path, own);
        found.push(path);
      }
      found.sort();
      if (found.length === 0) throw new UnusableFile(`${directory} has no executable files on this host`);
      this.#listed.set(directory, { found, until: this.#clock.now() + BELIEVED_MS });
      return found;
    };
    return fileReads.run(normalize(directory), look, signal);
  }

  /** The check directory that it is below. */
  #above(path: string): string {
    if (!path.startsWith('/')) throw new UnusableFile(`"${path}" is no absolute path: write one ${this.#where()}`);
    const plain = normalize(path);
    const found = this.#directories.find((directory) => plain.startsWith(directory));
    if (found !== undefined) return found;
    throw new UnusableFile(`${path} is not ${this.#where()}: mount it there`);
  }

  /** Links may lead from one check directory to another, but nowhere else. @param own the one that it is below */
  async #inside(path: string, own: string): Promise<void> {
    const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
      throw new UnusableFile(
        error.code === 'ENOENT' || error.code === 'ENOTDIR'
          ? `${path} does not exist on this host: mount it ${this.#where()}`
          : `${path} cannot be used: ${error.message}`,
      );
    });
    // The others are asked for links alone: one of them may hang.
    for (const directory of [own, ...this.#directories]) {
      const root = await this.#realRoot(directory);
      if (root !== undefined && `${real}${sep}`.startsWith(root)) return;
    }
    throw new UnusableFile(`${path} is a link to ${real}, which is not ${this.#where()}`);
  }

  /** With a slash at the end. */
  async #realRoot(directory: string): Promise<string | undefined> {
    const now = this.#clock.now();
    const known = this.#real.get(directory);
    if (known !== undefined && known.until > now) return known.found;
    const path = await realpath(directory).catch(() => undefined);
    const found = path === undefined ? undefined : normalize(`${path}${sep}`);
    this.#real.set(directory, { found, until: now + BELIEVED_MS });
    return found;
  }

  #where(): string {
    const directories = this.#directories.map((directory) => directory.slice(0, -1));
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
