/** Tasks on record: shared by all controllers, written by whoever is master. */
import type { VipTaskStatus } from '../../core/api/types.gen.ts';
import type { TaskManifest } from '../../core/manifest.ts';
import { isFinished, type TaskOrder } from '../../core/tasks/task-book.ts';

/** The wall clock of every machine when virtual time begins. */
const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');

export const wallAt = (now: number): number => EPOCH_MS + now;

export interface TaskRecord {
  readonly manifest: TaskManifest;
  readonly createdAt: number;
  /** Where each VIP lived then. */
  readonly homes: ReadonlyMap<string, string>;
  /** Virtual ms; undefined: it is not over. */
  readonly finishedAt: number | undefined;
}

export interface TaskEvents {
  readonly now: () => number;
  readonly changed: () => void;
  /** Before a status takes the place of another one. */
  readonly written: (record: TaskRecord, status: VipTaskStatus) => void;
}

export class SimTasks {
  readonly #events: TaskEvents;
  readonly #records = new Map<string, TaskRecord>();
  /** Changes with every task that is created or finished. */
  changedAt = Number.NEGATIVE_INFINITY;

  constructor(events: TaskEvents) {
    this.#events = events;
  }

  /** In the order of their creation. */
  get records(): readonly TaskRecord[] {
    return [...this.#records.values()];
  }

  get isUsed(): boolean {
    return this.#records.size > 0;
  }

  get manifests(): readonly TaskManifest[] {
    return this.records.map(({ manifest }) => manifest);
  }

  /** @param homes of all VIPs, as they are on record */
  create(spec: Readonly<Record<string, unknown>>, homes: ReadonlyMap<string, string>): void {
    const now = this.#events.now();
    const name = `task-${this.#records.size + 1}`;
    const createdAt = new Date(wallAt(now)).toISOString();
    const manifest = { name, uid: `uid-${name}`, createdAt, deleting: false, spec, status: undefined };
    this.#records.set(name, { manifest, createdAt: now, homes, finishedAt: undefined });
    this.changedAt = now;
    this.#events.changed();
  }

  carryOut(order: TaskOrder): void {
    const known = this.#records.get(order.task.name);
    if (!known || known.manifest.uid !== order.task.uid) return;
    if (order.act === 'remove') {
      this.#records.delete(order.task.name);
    } else {
      const { status } = order;
      this.#events.written(known, status);
      const now = this.#events.now();
      if (isFinished(status)) this.changedAt = now;
      const finishedAt = isFinished(status) ? (known.finishedAt ?? now) : undefined;
      this.#records.set(order.task.name, { ...known, manifest: { ...known.manifest, status }, finishedAt });
    }
    this.#events.changed();
  }
}
