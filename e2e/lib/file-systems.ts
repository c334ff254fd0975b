import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { firstMissing, missingProgram } from '../../src/testing/missing.ts';
import { type ServerProcess, startServer } from '../../src/testing/servers/server-process.ts';
import type { Heal } from './faults.ts';

const DISK_BYTES = 4 * 2 ** 20;
const CHUNK_BYTES = 2 ** 16;

/** Why hosts can have no file systems of their own; undefined where they can. */
export const missingFileSystems = (): string | undefined =>
  firstMissing(
    missingProgram('bindfs', 'bindfs'),
    missingProgram('mkfs.ext4', 'e2fsprogs'),
    spawnSync('losetup', ['--find']).status === 0 ? undefined : 'needs loop devices, which this machine refuses',
  );

/** A small disk with an ext4 file system. */
export class SmallDisk {
  readonly path: string;
  readonly #image: string;

  /** @param path where it is mounted. @param image the file that is the disk. */
  constructor(path: string, image: string) {
    this.path = path;
    this.#image = image;
  }

  create(): void {
    mkdirSync(this.path, { recursive: true });
    closeSync(openSync(this.#image, 'w'));
    truncateSync(this.#image, DISK_BYTES);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', this.#image]);
  }

  mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.path]);
  }

  unmount(): void {
    spawnSync('umount', ['--lazy', this.path]);
  }

  /** To the last block. */
  fill(): Heal {
    const file = join(this.path, 'filler');
    const opened = openSync(file, 'w');
    try {
      for (const size of [CHUNK_BYTES, 1]) writeUntilFull(opened, Buffer.alloc(size));
    } finally {
      closeSync(opened);
    }
    return () => rmSync(file);
  }
}

function writeUntilFull(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** A file system whose server is a process: while that is stopped, whoever looks at it hangs. */
export class ServedMount {
  readonly path: string;
  readonly #data: string;
  #server: Promise<ServerProcess> | undefined;

  /** @param path where it is mounted. @param data what it shows. */
  constructor(path: string, data: string) {
    this.path = path;
    this.#data = data;
  }

  create(): void {
    for (const directory of [this.path, this.#data]) mkdirSync(directory, { recursive: true });
  }

  /** Resolves when it is mounted. */
  async mount(): Promise<void> {
    this.#server = startServer({
      argv: ['bindfs', '-f', this.#data, this.path],
      ready: () => Promise.resolve(readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${this.path} `)),
    });
    await this.#server;
  }

  async unmount(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.then(
      (running) => running.kill(),
      () => undefined,
    );
    spawnSync('umount', ['--lazy', this.path]);
  }

  async hang(): Promise<Heal> {
    const server = await this.#server;
    await server?.pause();
    return () => server?.resume();
  }
}
