import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LineProcess } from './line-process.ts';
import { RemoteFence } from './remote-fence.ts';
import { macOf, type ServiceNetwork } from './service-network.ts';
import { PROBES, type ProbeReport, type ProbeTarget } from './vip-probe.ts';

export const VIP4 = '192.0.2.50';
export const VIP6 = '2001:db8::50';
const PROBER = fileURLToPath(new URL('vip-probe-process.ts', import.meta.url));
const SETTLE_MS = 60;

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Host 1 has the VIPs and knows its neighbour; host 2 asks for them. Call it once per ServiceNetwork (two hosts).
 */
export function giveVips(network: ServiceNetwork): void {
  const host = network.host(1);
  host.ip(`addr add ${VIP4}/32 dev svc0`);
  host.ip(`addr add ${VIP6}/128 dev svc0 nodad`);
  host.ip(`neigh replace 192.0.2.2 lladdr ${macOf(2)} dev svc0 nud permanent`);
  // The prober counts through these.
  host.ipBatch(
    Array.from(
      { length: 256 },
      (_, n) => `neigh replace 2001:db8::2:${n.toString(16)} lladdr ${macOf(2)} dev svc0 nud permanent`,
    ),
  );
}

/** Starts asking host 1, four ways, every millisecond. */
export async function startProber(network: ServiceNetwork, everyMs = 1): Promise<LineProcess> {
  const prober = await LineProcess.start(network.host(2), PROBER);
  await prober.call('start', {
    interface: 'svc0',
    vip4: VIP4,
    vip6: VIP6,
    hostMac: macOf(1),
    clientMac: macOf(2),
    client4: '192.0.2.2',
    client6: '2001:db8::2:0',
    everyMs,
  } satisfies ProbeTarget);
  return prober;
}

export interface SilenceTrial {
  /** From the signal to the last question that was still answered, ms: the worst of the four ways of asking. */
  readonly answeredForMs: number;
  /** Questions that were answered before, of the way that had the fewest. */
  readonly answeredBefore: number;
  /** Questions that were asked after the last answer, of the way that had the fewest. */
  readonly unansweredAfter: number;
}

/**
 * An agent keeps its class open and is hit by a signal; until when does its host answer? SIGCONT follows SIGSTOP, so
 * that it is seen too whether the agent opens the class again when it wakes.
 */
export async function silenceTrial(
  network: ServiceNetwork,
  trial: { readonly signal: 'SIGKILL' | 'SIGSTOP'; readonly leaseMs: number; readonly everyMs: number },
): Promise<SilenceTrial> {
  const { signal, leaseMs, everyMs } = trial;
  const fence = await RemoteFence.create(network.host(1), { interfaces: ['svc0'], leaseMs });
  const report = await fence.start();
  if (report.kind === 'none') throw new Error(report.reason);
  await fence.manage({ [VIP4]: 3, [VIP6]: 3 });
  const prober = await startProber(network);
  try {
    await fence.process.call('refresh', { fenceClass: 3, leaseMs, everyMs });
    // At another point of the period in each trial.
    await sleep(leaseMs / 2 + SETTLE_MS + Math.random() * everyMs);
    const before = await prober.call<ProbeReport>('report');
    const at = now();
    fence.process.kill(signal);
    await sleep(leaseMs + SETTLE_MS);
    if (signal === 'SIGSTOP') fence.process.kill('SIGCONT');
    await sleep(SETTLE_MS);
    const after = await prober.call<ProbeReport>('report');
    const least = (value: (kind: (typeof PROBES)[number]) => number): number => Math.min(...PROBES.map(value));
    return {
      answeredForMs: Math.max(...PROBES.map((kind) => (after[kind].lastAnsweredAskedAt ?? at) - at)),
      answeredBefore: least((kind) => before[kind].answered),
      unansweredAfter: least(
        (kind) => after[kind].asked - before[kind].asked - (after[kind].answered - before[kind].answered),
      ),
    };
  } finally {
    await Promise.all([prober.killed(), fence.process.killed()]);
  }
}
