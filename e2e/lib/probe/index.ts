/**
 * The measuring side of the lab: what a client sees of the VIPs, and who would answer for them. Call from the network
 * namespace of the switch. All times are CLOCK_MONOTONIC in ms, comparable with those of every process of the lab.
 */
import type { Usage } from './child.ts';
import { monotonicMs } from './clock.ts';
import type { EchoOptions } from './echo-process.ts';
import type { AskerOptions, HolderResults } from './holder-asker.ts';
import type { ProberOptions, ProbeResults } from './prober.ts';
import { ProbeProcess } from './probe-process.ts';

export type { Usage } from './child.ts';
export type { HolderResults } from './holder-asker.ts';
export type { OwnLateness } from './lateness.ts';
export type { HolderRun, Holders } from './holder-tracker.ts';
export type { HostRun, Outage } from './outage-tracker.ts';
export type { ProbeResults, VipProbes } from './prober.ts';
export { monotonicMs } from './clock.ts';

export interface Probing {
  /** What its process used since it was ready. */
  usage(): Promise<Usage>;
  /** Ends the process; it also ends with ours. */
  stop(): Promise<void>;
}

/** Answers every probe to any address of the hosts, so it needs no list of VIPs. */
export type Echo = Probing;

/** @param hosts names of the hosts' network namespaces. @param pollMs how long a probe may wait; default 2. */
export async function startEcho({
  hosts,
  pollMs = 2,
}: Pick<EchoOptions, 'hosts'> & Partial<EchoOptions>): Promise<Echo> {
  const options: EchoOptions = { hosts, pollMs };
  const process = await ProbeProcess.start({ program: 'echo-process.ts', options });
  return { usage: () => process.usage(), stop: () => process.stop() };
}

export interface ProberHandle extends Probing {
  /** Now; `results` since then concern what happens from here on. */
  mark(): number;
  /** Waits until every probe sent so far is answered or lost: about `answerWithinMs`. Since when; default: all. */
  results(sinceMs?: number): Promise<ProbeResults>;
  /** As `results`, at once, without the youngest probes; for live displays. */
  summary(sinceMs?: number): Promise<ProbeResults>;
  setVips(vips: readonly string[]): Promise<void>;
}

/** @param namespace where the client lives. @param intervalMs default 5. @param answerWithinMs default 100. */
export async function startProber({
  namespace,
  vips,
  intervalMs = 5,
  answerWithinMs = 100,
}: Pick<ProberOptions, 'vips'> & Partial<ProberOptions> & { readonly namespace: string }): Promise<ProberHandle> {
  const options: ProberOptions = { vips, intervalMs, answerWithinMs };
  const process = await ProbeProcess.start({ program: 'prober-process.ts', options, namespace });
  return {
    mark: monotonicMs,
    results: (sinceMs = 0) => process.call('results', sinceMs),
    summary: (sinceMs = 0) => process.call('summary', sinceMs),
    setVips: (next) => process.call('setVips', next),
    usage: () => process.usage(),
    stop: () => process.stop(),
  };
}

export interface AskerHandle extends Probing {
  mark(): number;
  /** Since when; default: all. */
  results(sinceMs?: number): Promise<HolderResults>;
  /** Hosts that answered in the latest round, by VIP. */
  holdersNow(): Promise<Readonly<Record<string, readonly string[]>>>;
  setVips(vips: readonly string[]): Promise<void>;
}

/**
 * @param hosts the port of host NAME is the interface `s-NAME` of our namespace. @param intervalMs default 10.
 * @param sender4 default 192.0.2.254. @param sender6 default fe80::fe.
 */
export async function startAsker({
  hosts,
  vips,
  intervalMs = 10,
  sender4 = '192.0.2.254',
  sender6 = 'fe80::fe',
}: Pick<AskerOptions, 'hosts' | 'vips'> & Partial<AskerOptions>): Promise<AskerHandle> {
  const options: AskerOptions = { hosts, vips, intervalMs, sender4, sender6 };
  const process = await ProbeProcess.start({ program: 'asker-process.ts', options });
  return {
    mark: monotonicMs,
    results: (sinceMs = 0) => process.call('results', sinceMs),
    holdersNow: () => process.call('now'),
    setVips: (next) => process.call('setVips', next),
    usage: () => process.usage(),
    stop: () => process.stop(),
  };
}
