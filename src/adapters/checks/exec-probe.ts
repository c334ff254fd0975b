import type { ExecProbe, ProbeOutcome } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import { type CheckFiles, UnusableFile } from './check-files.ts';
import { failed } from './outcome.ts';
import { environmentOf, outcomeOf } from './program-outcome.ts';
import type { Programs } from './programs.ts';

/** A mounted program ends with 0. */
export class ExecProbeRunner implements Probe<ExecProbe> {
  readonly #programs: Programs;
  readonly #files: CheckFiles;

  constructor(programs: Programs, files: CheckFiles) {
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
    const owner = `${context.pool}/${context.check}`;
    return outcomeOf(await this.#programs.run(owner, command, environmentOf(context), signal), context);
  }
}
