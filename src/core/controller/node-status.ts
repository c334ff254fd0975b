import type { NodeHealthStatus, NodeInterface } from '../api/types.gen.ts';
import type { NodeVerdict } from '../condition-table.ts';
import { condition } from '../conditions.ts';
import { silentOn } from '../neighbours.ts';
import { hungUp, type NodeEntry } from '../node-table.ts';
import { Reason } from '../reasons.ts';
import { hasLeft } from '../recorded-nodes.ts';
import { checkResults, checksPass, heldOff, networks, SAME_INSTANT_MS } from './node-checks.ts';
import { nodeProgress } from './progress.ts';
import type { NodeReport } from './status-report.ts';

/** Status of one node; `wallMs` is the wall clock now in milliseconds. */
export function nodeStatus(
  report: NodeReport,
  previous: NodeHealthStatus | undefined,
  wallMs: number,
): NodeHealthStatus {
  const wallNow = new Date(wallMs).toISOString();
  const { entry, term, isMaster } = report;
  const generation = report.record?.generation;
  const conditions = nodeVerdicts(report).map((item) => condition(item, previous?.conditions, generation, wallNow));
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const role = isMaster ? 'Master' : 'Member';
  if (!entry)
    return {
      ...previous,
      ...observed,
      phase: 'Unreachable',
      role,
      vips: [],
      vipCount: 0,
      term: term.number,
      conditions,
    };
  const vips = entry.gone === 'no' ? (entry.applied?.held.map((held) => held.vip) ?? []) : [];
  const held = heldOff(report, previous?.heldOff, wallMs);
  const reached = networks(entry);
  return {
    ...observed,
    phase: phaseOf(report),
    role,
    agentVersion: entry.agentVersion,
    labels: entry.labels,
    term: term.number,
    leaseEpoch: entry.lease.epoch,
    leaseSince: leaseSince(report, previous, wallMs),
    lastHeartbeatTime: new Date(wallMs - report.silentMs).toISOString(),
    interfaces: linksOf(entry),
    checks: checkResults(entry, report.reportedMsAgo, previous?.checks, wallMs),
    ...(held.length > 0 && { heldOff: held }),
    ...(reached && { networks: reached }),
    ...(entry.load && { load: entry.load }),
    vips,
    vipCount: vips.length,
    conditions,
  };
}

/** What its conditions say. */
export function nodeVerdicts(report: NodeReport): NodeVerdict[] {
  const spec = specValid(report);
  return [
    ready(report),
    checksPass(report),
    spec,
    ...nodeProgress(spec),
    fenced(report.entry),
    ...realTime(report.entry),
    faulty(report),
  ];
}

function phaseOf(report: NodeReport): NodeHealthStatus['phase'] {
  const { entry, maintenance, standings, flapping } = report;
  if (entry?.gone !== 'no') return 'Unreachable';
  if (maintenance) return 'Maintenance';
  if (standings.some(({ standing }) => standing.fault.isBad)) return 'Unhealthy';
  const isWeak = standings.some(({ standing }) => standing.penalty > 0);
  const isCutOff = entry.service?.reachable === false || entry.management?.reachable === false;
  const isSteady = flapping.length === 0 && !isWeak && !isCutOff;
  return ready(report).status === 'True' && isSteady ? 'Healthy' : 'Degraded';
}

function linksOf({ interfaces, reach }: NodeEntry): readonly NodeInterface[] {
  const silent = silentOn(reach);
  return silent.size === 0
    ? interfaces
    : interfaces.map((link) => (silent.has(link.name) ? { ...link, silent: true } : link));
}

/** The same instant for as long as the lease is the same one. */
function leaseSince({ entry, leasedMs }: NodeReport, previous: NodeHealthStatus | undefined, wallMs: number): string {
  const since = new Date(wallMs - Math.min(leasedMs, wallMs));
  const known = previous?.leaseEpoch === entry?.lease.epoch ? previous?.leaseSince : undefined;
  const isSame = known !== undefined && Math.abs(Date.parse(known) - since.getTime()) < SAME_INSTANT_MS;
  return isSame ? known : since.toISOString();
}

function ready({ entry, record, maintenance, withoutCarrier, flapping }: NodeReport): NodeVerdict {
  const type = 'Ready';
  if (entry ? entry.gone === 'said-goodbye' : record && hasLeft(record)) {
    return { type, status: 'False', reason: Reason.NodeLeft, message: 'the agent was stopped' };
  }
  if (!entry || entry.gone === 'lease-ended') {
    const message = 'no heartbeat arrives: the host, its agent or the management network is down';
    return { type, status: 'False', reason: Reason.NodeLost, message };
  }
  if (!entry.leaseValid) {
    const message = 'the agent is heard here but has no majority of the controllers';
    return { type, status: 'False', reason: Reason.LeaseNotHeld, message };
  }
  if (maintenance) {
    const message = 'drained: set spec.maintenance to false to give it VIPs again';
    return { type, status: 'False', reason: Reason.Maintenance, message };
  }
  if (withoutCarrier.length > 0) {
    const message = `no carrier on ${withoutCarrier.join(', ')}: check the cable and the switch port`;
    return { type, status: 'False', reason: Reason.CarrierLost, message };
  }
  const cutOff = [...silentOn(entry.reach)];
  if (cutOff.length > 0) {
    const message = `nobody answers on ${cutOff.join(', ')} any more: look at its cable, switch port and VLAN`;
    return { type, status: 'False', reason: Reason.ServiceUnreachable, message };
  }
  if (flapping.length > 0) {
    const message =
      'its carrier, the service network or its lease failed several times: status.heldOff says for how long nothing ' +
      'that is well elsewhere moves to it';
    return { type, status: 'True', reason: Reason.Flapping, message };
  }
  return {
    type,
    status: 'True',
    reason: Reason.LeaseHeld,
    message: 'the node holds a lease, and the interfaces that its pools use are up',
  };
}

/** What is wrong with what an administrator declared of the node. */
function specValid({ problems }: NodeReport): Extract<NodeVerdict, { readonly type: 'SpecValid' }> {
  const type = 'SpecValid';
  if (problems.length === 0) {
    return { type, status: 'True', reason: Reason.SpecInForce, message: 'what is declared of the node is in force' };
  }
  const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  const message = `${list} (the last valid version stays in force)`;
  return { type, status: 'False', reason: Reason.InvalidSpec, message };
}

/** Whether the host falls silent by itself when its lease ends. */
function fenced(entry: NodeEntry | undefined): NodeVerdict {
  const type = 'Fenced';
  if (!entry?.fence) return { type, status: 'Unknown', reason: Reason.NodeLost, message: 'the node has not told' };
  const { active, message } = entry.fence;
  return active
    ? { type, status: 'True', reason: Reason.KernelFence, message }
    : { type, status: 'False', reason: Reason.LifetimesOnly, message };
}

/** Whether heartbeats leave in time on a busy host, where somebody asked for that. */
function realTime(entry: NodeEntry | undefined): NodeVerdict[] {
  if (!entry?.realtime) return [];
  const { active, message } = entry.realtime;
  const type = 'RealTime';
  return active
    ? [{ type, status: 'True', reason: Reason.RealTimeScheduling, message }]
    : [{ type, status: 'False', reason: Reason.NormalScheduling, message }];
}

/** The node is lost to us, and yet it answers on the service network; or it misses what others hear. */
function faulty({ answering, isMute, entry }: NodeReport): NodeVerdict {
  const type = 'ManagementNetworkFaulty';
  if (answering !== undefined && entry && hungUp(entry)) {
    return { type, status: 'Unknown', reason: Reason.AgentGone, message: answering };
  }
  if (answering !== undefined) return { type, status: 'True', reason: Reason.HolderAnswers, message: answering };
  if (isMute && entry?.gone === 'no') {
    const message = 'its heartbeats arrive, but it does not answer the multicast of the master, and other nodes do';
    return { type, status: 'True', reason: Reason.MulticastUnanswered, message };
  }
  const message = 'the node answers on no network that it lost';
  return { type, status: 'False', reason: Reason.NoContradiction, message };
}
