import { hostProbes } from '../adapters/checks/host-probes.ts';
import { httpProbe } from '../adapters/checks/http-probe.ts';
import { NfsProbe } from '../adapters/checks/nfs-probe.ts';
import { PostgresProbe } from '../adapters/checks/postgres-probe.ts';
import type { ProgramRecordPlace } from '../adapters/checks/program-record.ts';
import { SmbProbe } from '../adapters/checks/smb-probe.ts';
import { tcpProbe } from '../adapters/checks/tcp-probe.ts';
import { GatewayProbe, type GatewayProbeDependencies } from '../adapters/linux/gateway-probe.ts';
import type { ExecProbe } from '../core/checks.ts';
import type { Probe, Probes } from '../ports/check-probe.ts';
import type { Random } from '../ports/random.ts';

export interface AgentProbes {
  readonly probes: Probes;
  /** Runs repair commands. */
  readonly repairs: Probe<ExecProbe>;
  /** Kills the programs that are left. */
  readonly stopProbes: () => Promise<void>;
}

export interface AgentProbesDependencies extends GatewayProbeDependencies {
  readonly random: Random;
  /** Where programs that run are written down; default nowhere. */
  readonly record?: ProgramRecordPlace;
}

/** A probe of every kind. @param directories absolute; programs below them, and no others, may be run */
export function agentProbes(
  directories: readonly string[],
  { random, record, ...network }: AgentProbesDependencies,
): AgentProbes {
  const gateway = new GatewayProbe(network);
  const { probes, repairs, stop } = hostProbes(directories, network.clock, record);
  return {
    probes: {
      ...probes,
      tcp: tcpProbe,
      http: httpProbe,
      nfs: new NfsProbe(random),
      smb: new SmbProbe(random),
      postgres: new PostgresProbe(random),
      gateway,
    },
    repairs,
    stopProbes: async () => {
      gateway.stop();
      await stop();
    },
  };
}
