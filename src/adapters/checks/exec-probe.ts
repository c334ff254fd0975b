import type { ExecProbe, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import { type CheckFiles, UnusableFile } from './check-files.ts';
import { failed } from './outcome.ts';
import { environmentOf, outcomeOf } from './program-outcome.ts';
import type { Programs } from './programs.ts';

/**
 * A mounted program ends with 0. Any other exit code and any signal is a failure; its last line of output, standard
 * output or error, says why. It is run as root in "/", with PATH and what `environmentOf` adds, without input, at normal
 * scheduling, with the memory that `programMemoryKib` says and 1 MiB of output. At the timeout its process group gets SIGTERM, 200 ms later
 * SIGKILL; what it leaves behind in its group when it ends is killed as well.
 */
export class ExecProbeRunner implements Probe<ExecProbe> {
  readonly #programs: Programs;
  readonly #files: CheckFiles;
  readonly #purpose: string;

  /** @param purpose of each purpose, pool and check one program runs at a time */
  constructor(programs: Programs, files: CheckFiles, purpose: 'check' | 'repair' = 'check') {
    this.#purpose = purpose;
    this.#programs = programs;
    this.#files = files;
  }

  async run({ command }: ExecProbe, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    const [path = ''] = command;
    if (command.some((part) => part.includes('\u0000')))
      return failed('an argument of the command holds a NUL character');
    try {
      const known = await this.#files.program(path, signal);
      if (!known) return failed(`the file system of ${path} does not answer within ${context.timeoutMs} ms`);
    } catch (error) {
      if (error instanceof UnusableFile) return failed(error.message);
      throw error;
    }
    const owner = `${this.#purpose} ${context.pool}/${context.check}`;
    const outcome = outcomeOf(await this.#programs.run(owner, command, environmentOf(context), signal), context);
    if (!outcome.ok) this.#files.doubt(path);
    return outcome;
  }
}
