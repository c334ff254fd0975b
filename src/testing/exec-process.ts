/** An agent's runner of programs in a process of its own, which a test can kill. */
import { ProgramRecord, type ProgramRecordPlace } from '../adapters/checks/program-record.ts';
import { type HostProbes, hostProbes } from '../adapters/checks/host-probes.ts';
import type { ProbeOutcome } from '../core/checks.ts';
import { contextOf } from './check-context.ts';
import { serveLines } from './line-process.ts';
import { realClock } from './real-time.ts';

export interface ExecDemand {
  readonly directory: string;
  readonly command: readonly string[];
  readonly place: ProgramRecordPlace;
}

let host: HostProbes | undefined;

serveLines({
  /** What an agent does before its first check. */
  begin: ({ directory, place }: ExecDemand): void => {
    ProgramRecord.open(place).close();
    host = hostProbes([directory], realClock, place);
  },
  run: async ({ command }: ExecDemand): Promise<ProbeOutcome | undefined> => {
    return host?.probes.exec.run({ type: 'exec', command }, contextOf(), AbortSignal.timeout(60_000));
  },
});
