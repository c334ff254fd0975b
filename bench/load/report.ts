/** What a load of many agents has shown. Pure. */
import type { Timing, TimingProfile } from '../../src/core/timing.ts';
import { type BenchRow, median } from '../table.ts';

/** One controller, while nothing was done. */
export interface ControllerLoad {
  readonly isMaster: boolean;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly maxRssMiB: number;
}

export interface LoadReport {
  readonly agents: number;
  readonly profile: TimingProfile;
  readonly timing: Timing;
  readonly controllers: readonly ControllerLoad[];
  /** The most of any controller from its start to the end. */
  readonly peakMiB: number;
  /** Of one core, for all agents together. */
  readonly agentsCpuPercent: number;
  /** VIPs that were put on a NIC while nothing was done. */
  readonly movedAtRest: number;
  /** To the API server; undefined without one. */
  readonly requestsPerMinute: number | undefined;
  /** Of each VIP whose host lost its power. */
  readonly takeoverMs: readonly number[];
  /** VIPs for which nobody answered again in time. */
  readonly stranded: number;
  readonly twoHolders: number;
}

/** Time for a decision and a bind, beyond the lease. */
const DECIDE_MS = 50;

/** Promised for the takeover of a host without power. */
export const takeoverBoundMs = ({ leaseMs, marginMs }: Timing): number => leaseMs + marginMs + DECIDE_MS;

export function loadRows(report: LoadReport): BenchRow[] {
  const { agents, profile, controllers, takeoverMs, requestsPerMinute } = report;
  const of = (isMaster: boolean): readonly ControllerLoad[] => controllers.filter((one) => one.isMaster === isMaster);
  const row = (name: string, unit: string, values: readonly number[]): BenchRow => ({
    name: `${agents} agents (${profile}): ${name}`,
    unit,
    value: Number(median(values).toFixed(1)),
    runs: values.length,
  });
  return [
    ...[true, false].flatMap((isMaster) => {
      const role = isMaster ? 'master' : 'standby';
      const some = of(isMaster);
      return [
        row(
          `CPU, controller (${role})`,
          '% of a core',
          some.map(({ cpuPercent }) => cpuPercent),
        ),
        row(
          `memory (RSS) at most, controller (${role})`,
          'MiB',
          some.map(({ maxRssMiB }) => maxRssMiB),
        ),
      ];
    }),
    row('memory (RSS) at most, from the start on, any controller', 'MiB', [report.peakMiB]),
    row('CPU, all agents', '% of a core', [report.agentsCpuPercent]),
    ...(requestsPerMinute === undefined ? [] : [row('requests to the API server', 'per minute', [requestsPerMinute])]),
    row('takeover', 'ms', takeoverMs),
    row('takeover, longest', 'ms', [Math.max(...takeoverMs)]),
  ];
}

/** What was not as promised. */
export function broken({ agents, timing, takeoverMs, stranded, twoHolders, movedAtRest }: LoadReport): string[] {
  const bound = takeoverBoundMs(timing);
  const late = takeoverMs.filter((ms) => ms > bound).length;
  const found: [number, string][] = [
    [twoHolders, 'times two hosts answered for a VIP'],
    [movedAtRest, 'VIPs moved while nothing was done'],
    [stranded, 'VIPs of lost hosts were not taken over'],
    [late, `of ${takeoverMs.length} takeovers took longer than ${bound} ms`],
  ];
  return found.flatMap(([count, text]) => (count > 0 ? [`${agents} agents: ${count} ${text}`] : []));
}
