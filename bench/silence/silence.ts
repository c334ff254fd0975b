/**
 * Until when does a host answer for its VIPs whose agent is gone at once or stands still? Real agents under real
 * controllers, several hosts at a time, each with VIPs that no other host may have. Inside of an isolation.
 *
 * The promise counts from the last heartbeat that was acknowledged; what is measured counts from the signal, which comes
 * up to a heartbeat later.
 */
import { Cluster } from '../../e2e/lib/cluster.ts';
import { Lab } from '../../e2e/lib/lab.ts';
import { poolManifest } from '../../e2e/lib/pool-manifest.ts';
import { TIMING_PROFILES, type TimingProfile } from '../../src/core/timing.ts';
import { type EndSignal, type Silence, type SilenceReport, silenceReport, verdictOf } from './report.ts';
import { SilentHost } from './silent-host.ts';

export interface SilenceOptions {
  /** Path of the etcd binary. */
  readonly etcd: string;
  readonly profiles: readonly TimingProfile[];
  /** Trials of each signal in each profile. */
  readonly trials: number;
  /** Hosts that are tried at the same time, 3 to 8. */
  readonly hosts: number;
  readonly progress: (text: string) => void;
}

const SIGNALS: readonly EndSignal[] = ['SIGKILL', 'SIGSTOP'];
const PROGRESS_EVERY = 25;
/** Trials that may say nothing beside as many as are wanted: a busy machine is late for a while. */
const SPARE_TRIALS = 20;

/** @throws Error where a host does not come back, or where most trials say nothing. */
export async function benchSilence(options: SilenceOptions): Promise<SilenceReport[]> {
  const reports: SilenceReport[] = [];
  for (const profile of options.profiles) reports.push(...(await tryProfile(profile, options)));
  return reports;
}

async function tryProfile(profile: TimingProfile, options: SilenceOptions): Promise<SilenceReport[]> {
  const names = Array.from({ length: options.hosts }, (_, index) => `node-${index + 1}`);
  const timing = TIMING_PROFILES[profile];
  const lab = Lab.create(names);
  const hosts: SilentHost[] = [];
  try {
    const cluster = await Cluster.start(lab, {
      etcd: options.etcd,
      agents: [],
      timing: [`--timing=${profile}`],
      // What ends is the agent itself, and nobody brings it back.
      moreArguments: (kind) => (kind === 'agent' ? ['--supervise=off'] : []),
    });
    for (const [index, name] of names.entries()) {
      const vips = { v4: `192.0.2.${10 + index}`, v6: `2001:db8::${10 + index}` };
      cluster.apply(name, poolManifest(name, [vips.v4, vips.v6], { role: name }));
      cluster.startAgent(name, `role=${name}`);
      hosts.push(await SilentHost.start(lab.host(name), cluster, vips, timing));
    }
    const reports: SilenceReport[] = [];
    for (const signal of SIGNALS) reports.push(await trySignal(hosts, profile, signal, options));
    return reports;
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
    await lab.destroy();
  }
}

async function trySignal(
  hosts: readonly SilentHost[],
  profile: TimingProfile,
  signal: EndSignal,
  { trials, progress }: SilenceOptions,
): Promise<SilenceReport> {
  const { leaseMs } = TIMING_PROFILES[profile];
  const seen: Silence[] = [];
  let underWay = 0;
  let unseen = 0;
  let idle = 0;
  const work = async (host: SilentHost): Promise<void> => {
    while (seen.length + underWay < trials) {
      underWay++;
      const result = await host.trial(signal);
      underWay--;
      if (result === 'idle') idle++;
      else if (verdictOf(result, leaseMs) === 'unseen') unseen++;
      else {
        seen.push(result);
        if (seen.length % PROGRESS_EVERY === 0) progress(`${profile} ${signal} ${seen.length}/${trials}`);
      }
      if (unseen + idle > trials + SPARE_TRIALS) {
        throw new Error(`${profile} ${signal}: ${idle} trials on hosts that did not answer, ${unseen} unseen`);
      }
    }
  };
  await Promise.all(hosts.map(work));
  return silenceReport({ profile, signal, leaseMs, seen, unseen, idle });
}
