/**
 * What many agents cost: three real controllers with etcd and an API server, and one process that speaks for all agents on
 * streams of their own. First nothing is done to them, then some of their hosts lose their power. Inside of an isolation.
 */
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ApiServer } from '../../e2e/lib/api-server.ts';
import { AGENT_PORT, Cluster } from '../../e2e/lib/cluster.ts';
import { Lab } from '../../e2e/lib/lab.ts';
import { sleep, waitFor } from '../../e2e/lib/wait.ts';
import type { ElectorateMember } from '../../src/core/electorate.ts';
import { controllerId } from '../../src/core/ids.ts';
import { TIMING_PROFILES, type TimingProfile } from '../../src/core/timing.ts';
import { LineProcess } from '../../src/testing/line-process.ts';
import { cpuSeconds, peakRssMiB, rssMiB } from '../process-usage.ts';
import { requestsTo } from './api-requests.ts';
import type { FleetOptions, FleetState, Outage } from './fleet.ts';
import type { ControllerLoad, LoadReport } from './report.ts';
import { SERVICE_NIC } from './simulated-host.ts';

export interface LoadOptions {
  /** Path of the etcd binary; with an API server one that is new enough for it. */
  readonly etcd: string;
  /** Where manifests and statuses are. */
  readonly source: 'kubernetes' | 'directory';
  readonly agents: number;
  readonly profile: TimingProfile;
  /** How long nothing is done. */
  readonly restMs: number;
  /** How often hosts lose their power. */
  readonly outages: number;
  readonly progress: (text: string) => void;
}

const FLEET = fileURLToPath(new URL('fleet-process.ts', import.meta.url));
/** What the Dockerfile sets. */
const AS_IN_THE_IMAGE = { NODE_OPTIONS: '--max-semi-space-size=4' };
const HOSTS_PER_POOL = 20;
/** Of all hosts, at a time. */
const OUTAGE_SHARE = 0.01;
/** What follows the start, or the return of hosts, is over by then. */
const SETTLE_MS = 15_000;
const SAMPLE_MS = 500;
const START_MS = 180_000;
const API_GROUP = 'vippool.io';

/** @throws Error where the agents do not all get a lease and a VIP each, or get them back */
export async function benchLoad(options: LoadOptions): Promise<LoadReport> {
  const lab = Lab.create(['node-1', 'node-2', 'node-3']);
  const started: { api?: ApiServer; fleet?: LineProcess } = {};
  try {
    const cluster = await Cluster.start(lab, {
      etcd: options.etcd,
      agents: [],
      ...(options.source === 'kubernetes'
        ? { source: async () => (started.api = await ApiServer.start()).source }
        : {}),
      timing: [`--timing=${options.profile}`],
      env: AS_IN_THE_IMAGE,
      // All agents come from the address of one process.
      moreArguments: () => ['--connections-per-address=4096'],
    });
    const { api } = started;
    const fleet = (started.fleet = await LineProcess.start({ inside: (file = '', ...args) => [file, args] }, FLEET));
    for (const [name, manifest] of pools(options.agents)) {
      if (api) api.apply(manifest);
      else cluster.apply(name, manifest);
    }
    return await measure(cluster, api, fleet, options);
  } finally {
    await started.fleet?.killed();
    await started.api?.server.kill();
    await lab.destroy();
  }
}

async function measure(
  cluster: Cluster,
  api: ApiServer | undefined,
  fleet: LineProcess,
  { agents, profile, restMs, outages, progress }: LoadOptions,
): Promise<LoadReport> {
  const timing = TIMING_PROFILES[profile];
  const controllers = [...cluster.controllers.keys()].map((id): ElectorateMember => ({
    id: controllerId(id),
    address: `${cluster.lab.host(id).addresses.management}:${AGENT_PORT}`,
  }));
  const state = (): Promise<FleetState> => fleet.call<FleetState>('state');
  const whole = async (): Promise<boolean> => {
    const { leased, serving } = await state();
    return leased === agents && serving === agents;
  };
  const startedAt = performance.now();
  await fleet.call('start', {
    hosts: agents,
    hostsPerPool: HOSTS_PER_POOL,
    controllers,
    timing,
  } satisfies FleetOptions);
  await waitFor(`${agents} agents to hold a VIP each`, whole, START_MS, () => cluster.logs());
  progress(`${agents} agents hold a VIP each after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  await sleep(SETTLE_MS);

  const master = await cluster.master();
  const before = await state();
  const requestsBefore = requestsSoFar(api);
  const meters = [...cluster.controllers].map(([name, { pid }]) => new Meter(name === master, pid));
  const rest = performance.now();
  while (performance.now() - rest < restMs) {
    await sleep(SAMPLE_MS);
    for (const meter of meters) meter.sample();
  }
  const restedMs = performance.now() - rest;
  const used = meters.map((meter) => meter.report(restedMs));
  const after = await state();
  const requests = requestsSoFar(api) - requestsBefore;
  progress(`at rest: ${JSON.stringify(after.observations)}`);

  const takeoverMs: number[] = [];
  let stranded = 0;
  const hosts = Math.max(1, Math.round(agents * OUTAGE_SHARE));
  const withinMs = 10 * timing.leaseMs;
  for (let round = 1; round <= outages; round++) {
    const outage = await fleet.call<Outage>('outage', { hosts, withinMs });
    takeoverMs.push(...outage.takeoverMs);
    stranded += outage.stranded;
    progress(`outage ${round}/${outages}: ${outage.takeoverMs.map((ms) => ms.toFixed(0)).join(' ')}`);
    await waitFor('every VIP to be home again', whole, START_MS, () => cluster.logs());
  }
  const end = await state();
  return {
    agents,
    profile,
    timing,
    controllers: used,
    peakMiB: Math.max(...meters.map(({ pid }) => peakRssMiB(pid))),
    agentsCpuPercent: (100_000 * (after.cpuSeconds - before.cpuSeconds)) / restedMs,
    movedAtRest: after.puts - before.puts,
    requestsPerMinute: api && (requests * 60_000) / restedMs,
    takeoverMs,
    stranded,
    twoHolders: end.twoHolders,
  };
}

const requestsSoFar = (api: ApiServer | undefined): number =>
  api ? requestsTo(API_GROUP, api.kubectl('get', '--raw', '/metrics')) : 0;

class Meter {
  readonly #isMaster: boolean;
  readonly pid: number;
  readonly #cpuBefore: number;
  #maxRssMiB = 0;

  constructor(isMaster: boolean, pid: number) {
    this.#isMaster = isMaster;
    this.pid = pid;
    this.#cpuBefore = cpuSeconds(pid);
    this.sample();
  }

  sample(): void {
    this.#maxRssMiB = Math.max(this.#maxRssMiB, rssMiB(this.pid));
  }

  report(ms: number): ControllerLoad {
    const cpuPercent = (100_000 * (cpuSeconds(this.pid) - this.#cpuBefore)) / ms;
    return { isMaster: this.#isMaster, cpuPercent, maxRssMiB: this.#maxRssMiB };
  }
}

/** As many VIPs as hosts, in pools of the hosts with the same label: manifests by name. */
function pools(agents: number): ReadonlyMap<string, string> {
  const manifests = new Map<string, string>();
  for (let first = 0; first < agents; first += HOSTS_PER_POOL) {
    const last = Math.min(first + HOSTS_PER_POOL, agents) - 1;
    const number = first / HOSTS_PER_POOL;
    const name = `load-${number}`;
    const spec = {
      addresses: [`${vipAt(first)}-${vipAt(last)}`],
      interface: { names: [SERVICE_NIC] },
      nodeSelector: { matchLabels: { pool: String(number) } },
      failback: { policy: 'Automatic', delay: '2s' },
    };
    manifests.set(name, stringify({ apiVersion: `${API_GROUP}/v1alpha1`, kind: 'VipPool', metadata: { name }, spec }));
  }
  return manifests;
}

const vipAt = (index: number): string => `10.98.${index >> 8}.${index & 255}`;
