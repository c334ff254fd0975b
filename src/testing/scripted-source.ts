import type { PoolName } from '../core/ids.ts';
import type { Source } from '../ports/source.ts';

/** Writes down what it is asked for; answers when and how the test says. */
export class ScriptedSource implements Source {
  readonly calls: string[] = [];
  failure: Error | undefined;
  #gate: Promise<void> = Promise.resolve();

  /** Calls are answered no earlier than the result is called. */
  hold(): () => void {
    let open = (): void => undefined;
    this.#gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  start = (): void => undefined;
  stop = (): Promise<void> => Promise.resolve();
  protect = (pool: PoolName): Promise<void> => this.#answer(`protect ${pool}`);
  finalize = (pool: PoolName): Promise<void> => this.#answer(`finalize ${pool}`);
  writePoolStatus: Source['writePoolStatus'] = (pool, status) =>
    this.#answer(`${pool} ${status.assigned}/${status.total}`);
  writeNodeStatus: Source['writeNodeStatus'] = (node, status) => this.#answer(`${node} ${status.phase}`);
  readTasks = (): void => undefined;
  writeTaskStatus: Source['writeTaskStatus'] = ({ name }, status) => this.#answer(`${name} ${status.phase}`);
  removeTask: Source['removeTask'] = ({ name }) => this.#answer(`remove ${name}`);

  async #answer(call: string): Promise<void> {
    this.calls.push(call);
    const { failure } = this;
    await this.#gate;
    if (failure) throw failure;
  }
}
