/** Three hosts, three controllers, etcd and a client, to which nothing is done. Inside of an isolation. */
import type { TimingProfile } from '../../src/core/timing.ts';
import { Cluster } from '../lib/cluster.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { sleep, waitFor } from '../lib/wait.ts';
import { bucketsOf, type Cumulative, worstBetween } from './exposition.ts';
import { LogTail } from './log-tail.ts';
import type { SoakLoad, SoakRun } from './report.ts';

export interface SoakOptions {
  /** Path of the etcd binary. */
  readonly etcd: string;
  readonly profile: TimingProfile;
  /** Only noted: the caller sees to it. */
  readonly load: SoakLoad;
  readonly seconds: number;
}

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const POOL = 'nas';
const METRICS_PORT = { agent: 9_464, controller: 9_465 };
const SETTLE_MS = 30_000;
/** What the start had to do is over, be it a VIP that goes home after the delay of its pool. */
const CALM_MS = 6_000;
const LATENESS = 'vippool_timer_lateness_seconds';
const ROUND_TRIP = 'vippool_heartbeat_round_trip_seconds';

/** @throws Error where the hosts do not get to hold the VIPs in the first place. */
export async function soak(options: SoakOptions): Promise<SoakRun> {
  const lab = Lab.create(HOSTS);
  let observer: Observer | undefined;
  try {
    observer = await Observer.start(lab, VIPS);
    const cluster = await Cluster.start(lab, {
      etcd: options.etcd,
      timing: [`--timing=${options.profile}`],
      moreArguments: (kind, host) => [`--metrics-listen=${lab.host(host).addresses.management}:${METRICS_PORT[kind]}`],
    });
    cluster.apply(POOL, poolManifest(POOL, VIPS));
    await cluster.ready(POOL, SETTLE_MS);
    await observer.settled(HOSTS, SETTLE_MS);
    await sleep(CALM_MS);
    return await watch(cluster, observer, options);
  } finally {
    await observer?.stop();
    await lab.destroy();
  }
}

async function watch(cluster: Cluster, observer: Observer, options: SoakOptions): Promise<SoakRun> {
  const { profile, load, seconds } = options;
  const logs = new LogTail(cluster);
  const before = await measure(cluster);
  const mark = observer.mark();
  await sleep(seconds * 1_000);
  const seen = await observer.since(mark);
  const after = await measure(cluster);
  const worst = (name: keyof Measured): number | undefined => {
    const ends = after[name].map((one, index) => worstBetween(before[name][index] ?? new Map(), one));
    const ms = Math.max(...ends.map((end) => (end ?? 0) * 1_000));
    return Number.isFinite(ms) ? Number(ms.toFixed(1)) : undefined;
  };
  return {
    profile,
    load,
    seconds,
    moves: seen.moves,
    ...logs.counts(),
    twoHoldersMs: seen.twoHoldersMs,
    worstOutageMs: Number(seen.worstOutage.toFixed(1)),
    worstTimerLatenessMs: worst('lateness'),
    worstRoundTripMs: worst('roundTrip'),
    clientLatenessMs: Number(seen.clientLatenessMs.toFixed(1)),
    log: logs.notable(),
  };
}

/** Of each agent. */
interface Measured {
  readonly lateness: readonly Cumulative[];
  readonly roundTrip: readonly Cumulative[];
}

async function measure({ lab }: Cluster): Promise<Measured> {
  const texts = await Promise.all(
    HOSTS.map((host) => scrape(`http://${lab.host(host).addresses.management}:${METRICS_PORT.agent}/metrics`)),
  );
  return {
    lateness: texts.map((text) => bucketsOf(text, LATENESS)),
    roundTrip: texts.map((text) => bucketsOf(text, ROUND_TRIP)),
  };
}

/** On a busy machine the answer may take its time. */
const scrape = (url: string): Promise<string> =>
  waitFor(
    url,
    async () => {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      return answer?.ok ? await answer.text() : undefined;
    },
    SETTLE_MS,
  );
