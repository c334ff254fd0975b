import type { TaskOrder } from '../../core/tasks/task-book.ts';
import { addMs, type Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Source } from '../../ports/source.ts';

interface TaskPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly source: Source;
}

/** What was done is done again after this time, if it is still asked for: a failure, or somebody undid it. */
const REPEAT_MS = 1_000;

/** Writes what becomes of tasks, level-triggered: always the newest orders, one after the other. */
export class TaskWriter {
  readonly #ports: TaskPorts;
  readonly #mayWrite: () => boolean;
  /** By text of the order. */
  #orders: ReadonlyMap<string, TaskOrder> = new Map();
  readonly #doneAt = new Map<string, Monotonic>();
  #working: Promise<void> | undefined;
  #isFailing = false;

  /** @param mayWrite asked right before every write: a process that slept learns late that its reign has ended. */
  constructor(ports: TaskPorts, mayWrite: () => boolean) {
    this.#ports = ports;
    this.#mayWrite = mayWrite;
  }

  /** Replaces all orders. They are given again for as long as they are not carried out. */
  order(orders: readonly TaskOrder[]): void {
    this.#orders = new Map(orders.map((item) => [JSON.stringify(item), item]));
    for (const key of this.#doneAt.keys()) if (!this.#orders.has(key)) this.#doneAt.delete(key);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** We are no longer master: the next one writes. */
  pause(): void {
    this.#orders = new Map();
    this.#doneAt.clear();
    this.#isFailing = false;
  }

  async stop(): Promise<void> {
    this.pause();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let next = this.#next(); next && this.#mayWrite(); next = this.#next()) {
      const [key, order] = next;
      this.#doneAt.set(key, this.#ports.clock.now());
      try {
        await this.#carryOut(order);
        this.#isFailing = false;
      } catch (err) {
        // One line per outage, not one per task.
        const level = this.#isFailing ? 'debug' : 'warn';
        this.#isFailing = true;
        this.#ports.log.log(level, 'task not written; trying again', { task: order.task.name, err });
      }
    }
  }

  #next(): readonly [string, TaskOrder] | undefined {
    const now = this.#ports.clock.now();
    return [...this.#orders].find(([key]) => {
      const doneAt = this.#doneAt.get(key);
      return doneAt === undefined || now >= addMs(doneAt, REPEAT_MS);
    });
  }

  async #carryOut(order: TaskOrder): Promise<void> {
    const { source, log } = this.#ports;
    const { name, uid } = order.task;
    if (order.act === 'remove') return source.removeTask({ name, uid });
    await source.writeTaskStatus({ name, uid }, order.status);
    const { phase, message } = order.status;
    log.log(phase === 'Failed' ? 'warn' : 'info', 'task', { task: name, phase, message });
  }
}
