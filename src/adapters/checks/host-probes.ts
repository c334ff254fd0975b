import type { ExecProbe } from '../../core/checks.ts';
import type { Probe, Probes } from '../../ports/check-probe.ts';
import type { Clock } from '../../ports/clock.ts';
import { CheckFiles } from './check-files.ts';
import { DeviceProbeRunner } from './device-probe.ts';
import { ExecProbeRunner } from './exec-probe.ts';
import { HostThread } from './host-thread.ts';
import { MountProbeRunner } from './mount-probe.ts';
import { ProcessProbeRunner } from './process-probe.ts';
import type { ProgramRecordPlace } from './program-record.ts';
import { Programs } from './programs.ts';
import { ScriptsProbeRunner } from './scripts-probe.ts';

/** The probes that look at the host itself, and what they share. */
export interface HostProbes {
  readonly probes: Pick<Probes, 'exec' | 'scripts' | 'process' | 'mount' | 'device'>;
  /** Runs repair commands, each of them as a check of type exec would. */
  readonly repairs: Probe<ExecProbe>;
  /** Programs of checks that run, or that could not be killed. */
  readonly programs: Programs;
  /** Kills what is left of them; for after the end of the runner. */
  readonly stop: () => Promise<void>;
}

/** @param directories absolute paths; programs below them, and no others, may be run by checks.
 * @param record where programs that run are written down, so that the next agent can end them; default nowhere */
export function hostProbes(directories: readonly string[], clock: Clock, record?: ProgramRecordPlace): HostProbes {
  const thread = new HostThread(record);
  const programs = new Programs(thread, clock);
  const files = new CheckFiles(directories, clock);
  const probes = {
    exec: new ExecProbeRunner(programs, files),
    scripts: new ScriptsProbeRunner(programs, files),
    process: new ProcessProbeRunner(thread, clock),
    mount: new MountProbeRunner(programs, clock),
    device: new DeviceProbeRunner(clock),
  };
  const repairs = new ExecProbeRunner(programs, files, 'repair');
  return { probes, repairs, programs, stop: () => thread.stop() };
}
