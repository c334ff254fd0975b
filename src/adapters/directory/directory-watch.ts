import { watch, type FSWatcher } from 'node:fs';
import type { DirectoryId } from './files.ts';

/** Hints about changes inside one directory (inotify), also after another directory took its name. */
export class DirectoryWatch {
  readonly #path: string;
  readonly #onHint: (file: string | undefined) => void;
  #watcher: FSWatcher | undefined;
  #id: DirectoryId | undefined;

  /** `onHint` gets the name inside the directory, or undefined where anything may have changed. */
  constructor(path: string, onHint: (file: string | undefined) => void) {
    this.#path = path;
    this.#onHint = onHint;
  }

  /** Watches the directory that has this id now, or nothing. Throws where the kernel refuses (too many watches). */
  follow(id: DirectoryId | undefined): void {
    if (id === this.#id) return;
    this.close();
    if (id === undefined) return;
    const watcher = watch(this.#path, (_event, file) => this.#onHint(file ?? undefined));
    watcher.on('error', () => {
      if (this.#watcher !== watcher) return;
      this.close();
      this.#onHint(undefined);
    });
    this.#watcher = watcher;
    this.#id = id;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#id = undefined;
  }
}
