import type { TaskOrder } from '../../core/tasks/task-book.ts';
import type { SeededRandom } from './random.ts';
import type { SimTasks } from './sim-tasks.ts';
import type { Timeline } from './timeline.ts';

/** What was done is done again after this time, if it is still asked for. */
const REPEAT_MS = 1_000;
/** A write takes at most so long. */
const WRITE_MS = 10;

interface TaskWriterHost {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly tasks: () => SimTasks;
  readonly mayWrite: () => boolean;
  /** Grows when the process ends. */
  readonly life: () => number;
}

/** Writes what becomes of tasks as the shell of a controller does: the newest orders, one after the other. */
export class SimTaskWriter {
  readonly #host: TaskWriterHost;
  #orders = new Map<string, TaskOrder>();
  readonly #doneAt = new Map<string, number>();
  #isWriting = false;

  constructor(host: TaskWriterHost) {
    this.#host = host;
  }

  order(orders: readonly TaskOrder[]): void {
    this.#orders = new Map(orders.map((item) => [JSON.stringify(item), item]));
    for (const key of this.#doneAt.keys()) if (!this.#orders.has(key)) this.#doneAt.delete(key);
    if (!this.#isWriting) this.#next();
  }

  #next(): void {
    const { timeline, random, tasks, mayWrite, life } = this.#host;
    const isDue = (key: string): boolean =>
      timeline.now - (this.#doneAt.get(key) ?? Number.NEGATIVE_INFINITY) >= REPEAT_MS;
    const found = [...this.#orders].find(([key]) => isDue(key));
    this.#isWriting = found !== undefined && mayWrite();
    if (!found || !this.#isWriting) return;
    const [key, order] = found;
    this.#doneAt.set(key, timeline.now);
    const before = life();
    timeline.plan(timeline.now + 1 + random.fraction() * (WRITE_MS - 1), () => {
      // What was under way when its sender died may never have left it.
      if (life() === before || random.chance(0.5)) tasks().carryOut(order);
      this.#next();
    });
  }
}
