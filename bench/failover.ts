/**
 * What a client sees when a holder loses its power or gives its VIPs up in order: vippool beside keepalived, on the same
 * topology, in the same run, in turns. Inside of an isolation.
 */
import { Cluster } from '../e2e/lib/cluster.ts';
import { type FailoverRow, failoverRow, type FailoverRun, type Fault } from '../e2e/lib/failover-report.ts';
import { Lab } from '../e2e/lib/lab.ts';
import { Observer } from '../e2e/lib/observer.ts';
import { KeepalivedCluster, type KeepalivedProfile, missingKeepalived } from '../e2e/lib/peers/keepalived.ts';
import { poolManifest } from '../e2e/lib/pool-manifest.ts';
import { sleep } from '../e2e/lib/wait.ts';

const HOSTS = ['node-1', 'node-2', 'node-3'];
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '192.0.2.15'];

/**
 * Longest period of any system's heartbeats or advertisements. A fault that always came at the same time after the start
 * would always hit the same phase of it, and could make a system look a whole period slower or faster than it is.
 */
const PERIOD_MS = 1_000;

/** A system under test that runs on a lab. */
interface Candidate {
  readonly system: string;
  readonly profile: string;
  readonly faults: readonly Fault[];
  /** Starts it and waits until every VIP is held. */
  start(lab: Lab, observer: Observer): Promise<Running>;
}

interface Running {
  /** Does it, waits until every VIP is held again. */
  inflict(fault: Fault): Promise<void>;
  /** Undoes it, waits until everything is as before. */
  heal(): Promise<void>;
}

const others = (host: string): string[] => HOSTS.filter((name) => name !== host);

const vippool = (etcd: string): Candidate => ({
  system: 'vippool',
  profile: 'default',
  faults: ['poweroff', 'master-poweroff', 'move', 'stop'],
  async start(lab, observer) {
    const cluster = await Cluster.start(lab, { etcd });
    cluster.apply('nas', poolManifest('nas', VIPS));
    await cluster.ready('nas');
    await observer.settled(HOSTS);
    await sleep(2_500);
    let undo: () => void = () => undefined;
    return {
      async inflict(fault) {
        const master = (await cluster.master()) ?? '';
        const victim = (fault === 'master-poweroff' ? master : others(master)[0]) ?? '';
        if (fault === 'move') return void (undo = await move(cluster, observer));
        if (fault === 'stop') await cluster.agent(victim).stop();
        else await lab.host(victim).powerOff();
        undo = () => void (fault === 'stop' ? cluster.agent(victim).start() : lab.host(victim).powerOn());
        await observer.settled(others(victim), 30_000);
      },
      async heal() {
        undo();
        await sleep(500);
        await observer.settled(HOSTS, 30_000);
      },
    };
  },
});

/** Names another home for one VIP; the result names the old one again. */
async function move(cluster: Cluster, observer: Observer): Promise<() => void> {
  const [vip = ''] = VIPS;
  const from = (await observer.holders()).get(vip)?.join() ?? '';
  const to = others(from)[0] ?? '';
  cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [vip]: to } }));
  await observer.waitForHolder(vip, to);
  return () => cluster.apply('nas', poolManifest('nas', VIPS, { homes: { [vip]: from } }));
}

const keepalived = (profile: KeepalivedProfile): Candidate => ({
  system: 'keepalived',
  profile,
  faults: ['poweroff', 'move', 'stop'],
  async start(lab, observer) {
    const cluster = KeepalivedCluster.start(lab, VIPS, profile);
    await observer.settled(HOSTS, 30_000);
    await sleep(2_000);
    const victim = 'node-1';
    let undo: () => void = () => undefined;
    return {
      async inflict(fault) {
        if (fault === 'move') {
          const [vip = ''] = VIPS;
          undo = () => cluster.move(vip, victim);
          cluster.move(vip, others(victim)[0] ?? '');
          return observer.waitForHolder(vip, others(victim)[0] ?? '');
        }
        const stop = fault === 'stop';
        await (stop ? cluster.daemon(victim).stop(10_000) : lab.host(victim).powerOff());
        undo = () => void (stop ? cluster.daemon(victim).start() : lab.host(victim).powerOn());
        await observer.heldBy(others(victim), 30_000);
      },
      async heal() {
        undo();
        await observer.settled(HOSTS, 60_000);
      },
    };
  },
});

/** Rows of reports/failover.json, and why others are missing. */
export async function benchFailover(etcd: string, runs: number): Promise<{ rows: FailoverRow[]; skipped: string[] }> {
  const missing = missingKeepalived();
  const peers = missing === undefined ? [keepalived('default'), keepalived('fast')] : [];
  const trials = new Map<string, { row: Pick<FailoverRow, 'system' | 'profile' | 'fault'>; runs: FailoverRun[] }>();
  for (let run = 0; run < runs; run++) {
    for (const candidate of [vippool(etcd), ...peers]) {
      for (const [fault, trial] of await round(candidate)) {
        const { system, profile } = candidate;
        const key = `${system} ${profile} ${fault}`;
        const known = trials.get(key) ?? { row: { system, profile, fault }, runs: [] };
        trials.set(key, { ...known, runs: [...known.runs, trial] });
        process.stderr.write(`run ${run + 1}/${runs} ${key}: ${trial.outageMs.toFixed(0)} ms\n`);
      }
    }
  }
  const rows = [...trials.values()].map((trial) => failoverRow(trial.row, trial.runs));
  return { rows, skipped: missing === undefined ? [] : [`keepalived: ${missing}`] };
}

/** Every fault once, on a fresh lab. */
async function round(candidate: Candidate): Promise<[fault: Fault, FailoverRun][]> {
  const lab = Lab.create(HOSTS);
  const observer = await Observer.start(lab, VIPS);
  const results: [Fault, FailoverRun][] = [];
  try {
    const running = await candidate.start(lab, observer);
    for (const fault of candidate.faults) {
      await sleep(Math.random() * PERIOD_MS);
      const mark = observer.mark();
      await running.inflict(fault);
      await sleep(1_000);
      const during = await observer.since(mark);
      const healed = observer.mark();
      await running.heal();
      await sleep(1_000);
      const after = await observer.since(healed);
      const trial = {
        outageMs: during.worstOutage,
        twoHoldersMs: during.twoHoldersMs + after.twoHoldersMs,
        returnOutageMs: after.worstOutage,
      };
      results.push([fault, trial]);
    }
  } finally {
    await observer.stop();
    await lab.destroy();
  }
  return results;
}
