import { basename } from 'node:path';
import type { ProbeOutcome, ScriptsProbe } from '../../core/checks.ts';
import type { Probe, ProbeContext } from '../../ports/check-probe.ts';
import { type CheckFiles, UnusableFile } from './check-files.ts';
import { failed, passed } from './outcome.ts';
import { environmentOf, outcomeOf } from './program-outcome.ts';
import type { Programs } from './programs.ts';

/** The only event of a CTDB event script that a check is about. */
const EVENT = 'monitor';

/** Every program of a mounted directory ends with 0, one after the other; the first that does not ends the run. */
export class ScriptsProbeRunner implements Probe<ScriptsProbe> {
  readonly #programs: Programs;
  readonly #files: CheckFiles;

  constructor(programs: Programs, files: CheckFiles) {
    this.#programs = programs;
    this.#files = files;
  }

  async run({ directory }: ScriptsProbe, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    try {
      return await this.#runAll(directory, context, signal);
    } catch (error) {
      if (error instanceof UnusableFile) return failed(error.message);
      throw error;
    }
  }

  async #runAll(directory: string, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    const paths = await this.#files.programs(directory, signal);
    if (paths === undefined)
      return failed(`the file system of ${directory} does not answer within ${context.timeoutMs} ms`);
    const owner = `${context.pool}/${context.check}`;
    let [well, gone] = [0, failed('')];
    for (const path of paths) {
      const end = await this.#programs.run(owner, [path, EVENT], environmentOf(context), signal);
      const outcome = outcomeOf(end, context, `${basename(path)}: `);
      if (outcome.ok) {
        well++;
        continue;
      }
      this.#files.doubt(directory);
      // One that was taken away, or made not executable, since it was listed counts no more.
      const left = await this.#files.programs(directory, signal);
      if (left === undefined || left.includes(path)) return outcome;
      gone = outcome;
    }
    if (well === 0) return gone;
    return passed(well === 1 ? '1 script ended well' : `${well} scripts ended well`);
  }
}
