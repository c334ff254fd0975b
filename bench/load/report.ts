/** What a load of many agents has shown. Pure. */
import type { Timing, TimingProfile } from '../../src/core/timing.ts';
import { atMost, type BenchRow, median } from '../table.ts';

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
const takeoverBoundMs = ({ leaseMs, marginMs }: Timing): number => leaseMs + marginMs + DECIDE_MS;

/** Promised for a controller of a thousand agents. */
const MOST_CPU_PERCENT = 30;
const MOST_RSS_MIB = 300;

export function loadRows(report: LoadReport): BenchRow[] {
  const { agents, profile, timing, controllers, takeoverMs, requestsPerMinute } = report;
  const row = (name: string, unit: string, values: readonly number[], most?: number): BenchRow => ({
    name: `${agents} agents (${profile}): ${name}`,
    unit,
    value: Number(median(values).toFixed(1)),
    runs: values.length,
    ...(most !== undefined && { bound: atMost(most) }),
  });
  const ofRole = (isMaster: boolean): BenchRow[] => {
    const role = isMaster ? 'master' : 'standby';
    const some = controllers.filter((one) => one.isMaster === isMaster);
    const cpu = some.map(({ cpuPercent }) => cpuPercent);
    const rss = some.map(({ maxRssMiB }) => maxRssMiB);
    return [
      row(`CPU, controller (${role})`, '% of a core', cpu, MOST_CPU_PERCENT),
      row(`memory (RSS) at most, controller (${role})`, 'MiB', rss, MOST_RSS_MIB),
    ];
  };
  return [
    ...ofRole(true),
    ...ofRole(false),
    row('memory (RSS) at most, from the start on, any controller', 'MiB', [report.peakMiB]),
    row('CPU, all agents', '% of a core', [report.agentsCpuPercent]),
    ...(requestsPerMinute === undefined ? [] : [row('requests to the API server', 'per minute', [requestsPerMinute])]),
    row('takeover', 'ms', takeoverMs),
    row('takeover, longest', 'ms', [Math.max(...takeoverMs)], takeoverBoundMs(timing)),
    row('VIPs with two holders', 'times', [report.twoHolders], 0),
    row('VIPs moved while nothing was done', 'times', [report.movedAtRest], 0),
    row('VIPs of lost hosts that were not taken over', 'times', [report.stranded], 0),
  ];
}
