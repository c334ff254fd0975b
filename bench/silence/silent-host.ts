/** One host of a lab whose agent is ended again and again, while its VIPs are asked for at its own port. */
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../e2e/lib/cluster.ts';
import { type Host, SERVICE_NIC, servicePort } from '../../e2e/lib/host.ts';
import { ipBatch, ipJson } from '../../e2e/lib/ip.ts';
import { realTimePrefix } from '../../e2e/lib/probe/probe-process.ts';
import { now, sleep, waitFor } from '../../e2e/lib/wait.ts';
import type { Timing } from '../../src/core/timing.ts';
import { LineProcess } from '../../src/testing/line-process.ts';
import { PROBES, type ProbeReport, type ProbeTarget } from '../../src/testing/vip-probe.ts';
import type { EndSignal, Silence } from './report.ts';

const PROBER = fileURLToPath(new URL('../../src/testing/vip-probe-process.ts', import.meta.url));
/** Between the trials, and in them. */
const ASK_SELDOM_MS = 10;
const ASK_OFTEN_MS = 1;
/** So long nothing is answered before a host counts as silent. */
const AFTERMATH_MS = 200;
const RECOVERY_MS = 30_000;
const CALM_MS = 50;
/** Fewer questions than this in a trial say nothing. */
const LEAST_QUESTIONS = 10;
/** Who asks: nobody on the network has these. */
const CLIENT = { mac: '02:00:00:00:fe:01', v4: '192.0.2.253', v6: '2001:db8::fd:0' };
const QUESTIONS_TOLD_APART = 256;

/** Nothing was learned: the host did not answer when the signal came, or nobody asked. */
export type TrialResult = Silence | 'idle';

export class SilentHost {
  readonly #host: Host;
  readonly #cluster: Cluster;
  readonly #timing: Timing;
  readonly #prober: LineProcess;

  private constructor(host: Host, cluster: Cluster, timing: Timing, prober: LineProcess) {
    this.#host = host;
    this.#cluster = cluster;
    this.#timing = timing;
    this.#prober = prober;
  }

  /** Starts to ask. @param vips of its own, on no other host. */
  static async start(
    host: Host,
    cluster: Cluster,
    vips: { readonly v4: string; readonly v6: string },
    timing: Timing,
  ): Promise<SilentHost> {
    const [link] = ipJson(`-n ${host.name} link show ${SERVICE_NIC}`) as { address: string }[];
    if (!link) throw new Error(`${host.name} has no ${SERVICE_NIC}`);
    knowTheAsker(host);
    const prober = await LineProcess.start({ inside: (file = '', ...args) => [file, args] }, PROBER, realTimePrefix());
    await prober.call('start', {
      interface: servicePort(host.name),
      vip4: vips.v4,
      vip6: vips.v6,
      hostMac: link.address,
      clientMac: CLIENT.mac,
      client4: CLIENT.v4,
      client6: CLIENT.v6,
      everyMs: ASK_SELDOM_MS,
    } satisfies ProbeTarget);
    return new SilentHost(host, cluster, timing, prober);
  }

  /** Ends the agent, watches the host fall silent and brings the agent back. */
  async trial(signal: EndSignal): Promise<TrialResult> {
    const { leaseMs, heartbeatMs } = this.#timing;
    await this.#answering();
    await this.#prober.call('pace', ASK_OFTEN_MS);
    // At another point between two heartbeats in each trial.
    await sleep(CALM_MS + Math.random() * heartbeatMs);
    const before = await this.#report();
    const agent = this.#cluster.agent(this.#host.name);
    const at = now();
    const ended = signal === 'SIGKILL' ? agent.kill() : agent.freeze();
    const signalMs = now() - at;
    await sleep(leaseMs + AFTERMATH_MS);
    const after = await this.#report();
    await this.#prober.call('pace', ASK_SELDOM_MS);
    await ended;
    if (signal === 'SIGKILL') agent.start();
    else agent.thaw();
    return silenceOf(before, after, { at, signalMs, watchedMs: leaseMs + AFTERMATH_MS });
  }

  async stop(): Promise<void> {
    await this.#prober.killed();
  }

  #report(): Promise<ProbeReport> {
    return this.#prober.call('report');
  }

  /** Every way of asking is answered. */
  async #answering(): Promise<void> {
    let last = await this.#report();
    const all = async (): Promise<boolean> => {
      const report = await this.#report();
      const answered = PROBES.every((kind) => report[kind].answered > last[kind].answered);
      last = report;
      return answered;
    };
    await waitFor(`${this.#host.name} to answer`, all, RECOVERY_MS, () => this.#cluster.logs());
  }
}

interface Ending {
  /** Just before the signal. */
  readonly at: number;
  readonly signalMs: number;
  /** What a host that never falls silent is charged with. */
  readonly watchedMs: number;
}

function silenceOf(before: ProbeReport, after: ProbeReport, { at, signalMs, watchedMs }: Ending): TrialResult {
  const asked = Math.min(...PROBES.map((kind) => after[kind].asked - before[kind].asked));
  const answeredForMs = PROBES.map((kind) => (after[kind].lastAnsweredAskedAt ?? 0) - at);
  if (asked < LEAST_QUESTIONS || Math.min(...answeredForMs) <= 0) return 'idle';
  return {
    signalMs,
    answeredForMs: Math.max(...answeredForMs),
    silentFromMs: Math.max(...PROBES.map((kind) => (after[kind].silentFrom ?? at + watchedMs) - at)),
  };
}

/** The host answers without having to ask for the asker's MAC first; the switch need not spread the answers. */
function knowTheAsker({ name }: Host): void {
  const neighbour = (address: string): string =>
    `neigh replace ${address} lladdr ${CLIENT.mac} dev ${SERVICE_NIC} nud permanent`;
  const questions = Array.from({ length: QUESTIONS_TOLD_APART }, (_, n) =>
    neighbour(CLIENT.v6.replace(/0$/, n.toString(16))),
  );
  ipBatch([neighbour(CLIENT.v4), ...questions], { namespace: name });
  ipBatch([`link set ${servicePort(name)} type bridge_slave flood off`]);
}
