import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { TaskManifest } from '../../ports/source.ts';
import type { Declaration, Declarations } from './manifest-files.ts';
import type { TaskRecord } from './records.ts';

/**
 * Gives declared tasks what an API server would give them: uid and creation time, the same in every controller that reads
 * the same files. A task that says something else is another task, whatever its name.
 */
export class TaskLedger {
  readonly #tasks = new Map<string, TaskManifest>();

  /** All tasks in order of creation: what is declared, and what was removed but is still recorded. */
  reconcile(declared: Declarations, records: ReadonlyMap<string, TaskRecord>): TaskManifest[] {
    const before = new Map(this.#tasks);
    this.#tasks.clear();
    for (const declaration of declared.manifests) {
      if (declaration.kind !== 'VipTask') continue;
      const { name } = declaration;
      this.#tasks.set(name, toManifest(declaration, records.get(name), before.get(name)));
    }
    for (const [name, { uid, createdAt, spec, status }] of records) {
      if (this.#tasks.has(name)) continue;
      // While a file was never readable, the task may be in it.
      this.#tasks.set(name, { name, uid, createdAt, deleting: declared.complete, spec, status });
    }
    return [...this.#tasks.values()].sort(byAge);
  }

  /** The task of this uid, as far as it is there. */
  find(name: string, uid: string): TaskManifest | undefined {
    const task = this.#tasks.get(name);
    return task?.uid === uid ? task : undefined;
  }
}

function toManifest(
  { name, spec, bornAt }: Declaration,
  record: TaskRecord | undefined,
  known: TaskManifest | undefined,
): TaskManifest {
  const own = record && isDeepStrictEqual(record.spec, spec) ? record : undefined;
  const same = own ?? (known && isDeepStrictEqual(known.spec, spec) ? known : undefined);
  const { uid, createdAt } = same ?? { uid: uidOf(name, spec, bornAt), createdAt: bornAt };
  return { name, uid, createdAt, deleting: false, spec, status: own?.status };
}

const byAge = (a: TaskManifest, b: TaskManifest): number => {
  const [left, right] = [`${a.createdAt} ${a.name}`, `${b.createdAt} ${b.name}`];
  return left < right ? -1 : 1;
};

const uidOf = (name: string, spec: unknown, bornAt: string): string =>
  createHash('sha256')
    .update(JSON.stringify([name, spec, bornAt]))
    .digest('hex')
    .slice(0, 32);
