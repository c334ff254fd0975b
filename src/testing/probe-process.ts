/** Runs the probes that speak a protocol, on demand of its parent: they connect in the namespace of their process. */
import { readdirSync } from 'node:fs';
import { httpProbe } from '../adapters/checks/http-probe.ts';
import { NfsProbe } from '../adapters/checks/nfs-probe.ts';
import { PostgresProbe } from '../adapters/checks/postgres-probe.ts';
import { SmbProbe } from '../adapters/checks/smb-probe.ts';
import { tcpProbe } from '../adapters/checks/tcp-probe.ts';
import type { CheckProbe, ProbeOutcome } from '../core/checks.ts';
import { serveLines } from './line-process.ts';
import { runProbe } from './probe-runs.ts';
import { realRandom } from './real-time.ts';
import type { ProbeDemand, TimedOutcome } from './remote-probes.ts';

const nfsProbe = new NfsProbe(realRandom);
const postgresProbe = new PostgresProbe(realRandom);
const smbProbe = new SmbProbe(realRandom);

function run(check: CheckProbe, timeoutMs: number): Promise<ProbeOutcome> {
  switch (check.type) {
    case 'tcp':
      return runProbe(tcpProbe, check, timeoutMs);
    case 'http':
      return runProbe(httpProbe, check, timeoutMs);
    case 'nfs':
      return runProbe(nfsProbe, check, timeoutMs);
    case 'smb':
      return runProbe(smbProbe, check, timeoutMs);
    case 'postgres':
      return runProbe(postgresProbe, check, timeoutMs);
    case 'exec':
    case 'scripts':
    case 'process':
    case 'interface':
    case 'gateway':
    case 'mount':
    case 'device':
      throw new Error(`${check.type} speaks no protocol`);
  }
}

serveLines({
  run: async ({ check, timeoutMs }: ProbeDemand): Promise<TimedOutcome> => {
    const begun = performance.now();
    const outcome = await run(check, timeoutMs);
    return { ...outcome, ms: performance.now() - begun };
  },
  openFiles: () => readdirSync('/proc/self/fd').length,
});
