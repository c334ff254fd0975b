import type { AgentEffect } from '../../core/agent/agent-state.ts';
import type { ExecProbe, ProbeOutcome } from '../../core/checks.ts';
import type { NodeName, PoolName } from '../../core/ids.ts';
import type { Probe } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import { errorText } from '../../core/error-text.ts';

export interface RepairAnswer {
  readonly pool: PoolName;
  /** Of the command run. */
  readonly number: number;
  readonly ok: boolean;
  readonly output: string;
}

export interface RepairPorts {
  readonly clock: Clock;
  readonly repairs?: Probe<ExecProbe>;
}

/** Runs repair commands: of each pool one at a time, each until its deadline. */
export class RepairCommands {
  readonly #ports: RepairPorts;
  readonly #node: NodeName;
  readonly #answer: (answer: RepairAnswer) => void;
  readonly #running = new Map<PoolName, { readonly abort: AbortController; readonly ended: Promise<void> }>();

  constructor(ports: RepairPorts, node: NodeName, answer: (answer: RepairAnswer) => void) {
    this.#ports = ports;
    this.#node = node;
    this.#answer = answer;
  }

  /** Ends the command of this pool that runs, if one does, and runs this one after it. */
  run(effect: AgentEffect & { kind: 'repair' }): void {
    const { pool } = effect;
    const earlier = this.#running.get(pool);
    earlier?.abort.abort();
    const abort = new AbortController();
    const ended = (earlier?.ended ?? Promise.resolve()).then(() => this.#runOne(effect, abort));
    this.#running.set(pool, { abort, ended });
  }

  /** Ends every command. */
  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ ended }) => ended));
  }

  async #runOne(effect: AgentEffect & { kind: 'repair' }, abort: AbortController): Promise<void> {
    const { pool, number, repair } = effect;
    if (!abort.signal.aborted) {
      const cancel = this.#ports.clock.after(repair.deadlineMs, () => abort.abort());
      const outcome = await this.#outcome(effect, abort.signal);
      cancel();
      const late = outcome.ok && abort.signal.aborted;
      const output = late ? `ended only after ${repair.deadlineMs} ms` : outcome.output;
      this.#answer({ pool, number, ok: outcome.ok && !late, output });
    }
    if (this.#running.get(pool)?.abort === abort) this.#running.delete(pool);
  }

  async #outcome(
    { pool, check, repair: { command, deadlineMs }, vips }: AgentEffect & { kind: 'repair' },
    signal: AbortSignal,
  ): Promise<Pick<ProbeOutcome, 'ok' | 'output'>> {
    const { repairs } = this.#ports;
    if (!repairs) return { ok: false, output: 'this agent runs no programs' };
    const context = { node: this.#node, pool, check, role: 'Holder' as const, vips, timeoutMs: deadlineMs };
    try {
      return await repairs.run({ type: 'exec', command }, context, signal);
    } catch (error) {
      return { ok: false, output: errorText(error) };
    }
  }
}
