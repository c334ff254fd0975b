/** Controllers as processes and agents in this one, over real gRPC and a real etcd, while the list of controllers changes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElectorate } from '../adapters/etcd/electorate-record.ts';
import { GrpcControllerLink } from '../adapters/grpc/grpc-controller-link.ts';
import { systemSockets as sockets } from '../adapters/system/system-sockets.ts';
import { AgentLoop } from '../app/agent/agent-loop.ts';
import type { Electorate, ElectorateMember } from '../core/electorate.ts';
import { controllerId, nodeName } from '../core/ids.ts';
import { TIMING_PROFILES } from '../core/timing.ts';
import { loopConfig } from './agent-on-fakes.ts';
import { eventually } from './eventually.ts';
import { FakeFence, FakeFenceState } from './fake-fence.ts';
import { FakeNetwork } from './fake-network.ts';
import { freePort } from './free-port.ts';
import { realClock as clock, realRandom as random } from './real-time.ts';
import { RecordedPorts } from './recorded-ports.ts';
import { type EtcdServer, startEtcd } from './servers/etcd.ts';

const PROGRAM = join(import.meta.dirname, '../bin/vippool.ts');
const LOOK_MS = 20;

type Ports = ReadonlyMap<string, { readonly listen: number; readonly metrics: number }>;

interface Host {
  readonly agent: AgentLoop;
  readonly network: FakeNetwork;
}

export class WalkingCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), 'vippool-electorate-'));
  readonly #etcd: EtcdServer;
  readonly #ports: Ports;
  readonly #running = new Map<string, ChildProcess>();
  readonly #hosts: Host[] = [];
  readonly #watch: NodeJS.Timeout;
  /** VIPs that two hosts had at one look, or none after all were held once. */
  readonly heldTwice = new Set<string>();
  readonly lost = new Set<string>();
  /** Whether VIPs that nobody holds are noted. */
  isWatched = false;
  readonly #vips: readonly string[];

  private constructor(etcd: EtcdServer, ports: Ports, vips: readonly string[]) {
    this.#etcd = etcd;
    this.#ports = ports;
    this.#vips = vips;
    mkdirSync(join(this.#directory, 'manifests'));
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
  }

  static async start(binary: string, ids: readonly string[], vips: readonly string[]): Promise<WalkingCluster> {
    const etcd = await startEtcd({ binary });
    const ports = new Map<string, { listen: number; metrics: number }>();
    for (const id of ids) ports.set(id, { listen: await freePort(), metrics: await freePort() });
    const cluster = new WalkingCluster(etcd, ports, vips);
    cluster.#declare();
    return cluster;
  }

  #declare(): void {
    const pool = {
      apiVersion: 'vippool.io/v1alpha1',
      kind: 'VipPool',
      metadata: { name: 'nas' },
      spec: { addresses: this.#vips, interface: { names: ['s0'] }, onQuorumLoss: 'Release' },
    };
    writeFileSync(join(this.#directory, 'manifests/nas.yaml'), JSON.stringify(pool));
  }

  #members(ids: readonly string[]): ElectorateMember[] {
    return ids.map((id) => ({ id: controllerId(id), address: `127.0.0.1:${this.#ports.get(id)?.listen ?? 0}` }));
  }

  /** Starts the controller anew, configured with these. */
  async configure(id: string, ids: readonly string[]): Promise<void> {
    await this.end(id);
    const { listen = 0, metrics = 0 } = this.#ports.get(id) ?? {};
    const args = [
      'controller',
      `--id=${id}`,
      `--listen=127.0.0.1:${listen}`,
      `--metrics-listen=127.0.0.1:${metrics}`,
      `--controllers=${this.#members(ids)
        .map((member) => `${member.id}=${member.address}`)
        .join()}`,
      `--source=dir:${join(this.#directory, 'manifests')}`,
      `--state-dir=${join(this.#directory, id)}`,
      `--etcd=${this.#etcd.endpoint}`,
      '--timing=Relaxed',
      '--realtime=off',
    ];
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: {}, stdio: 'ignore' });
    this.#running.set(id, child);
  }

  /** One after the other, each ready before the next. */
  async rollOut(ids: readonly string[], order = ids): Promise<void> {
    for (const id of order) {
      await this.configure(id, ids);
      await eventually(
        () => this.readiness(id),
        (text) => text === 'ok',
        60_000,
      );
    }
  }

  /** "ok", or why not. */
  async readiness(id: string): Promise<string> {
    try {
      const reply = await fetch(`http://127.0.0.1:${this.#ports.get(id)?.metrics ?? 0}/readyz`);
      return reply.ok ? 'ok' : (await reply.text()).trim();
    } catch {
      return 'does not answer';
    }
  }

  /** Once it runs: why it is not ready. */
  readinessOf(id: string): Promise<string> {
    const isSaid = (text: string): boolean => !['does not answer', 'ok'].includes(text) && !text.includes('etcd');
    return eventually(() => this.readiness(id), isSaid, 60_000);
  }

  async end(id: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(id);
    this.#running.delete(id);
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async startAgents(count: number, ids: readonly string[]): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const { log, metrics } = new RecordedPorts();
      const network = new FakeNetwork(() => undefined);
      const fence = new FakeFence(new FakeFenceState(clock));
      const agent = new AgentLoop(
        {
          clock,
          random,
          log,
          metrics,
          network,
          fence,
          fenceReport: fence.start(),
          realtime: () => ({ active: false, message: 'test' }),
          memory: { load: () => undefined, save: () => undefined, saveLease: () => undefined },
          link: new GrpcControllerLink({ clock, random, sockets, log, metrics }),
        },
        {
          ...loopConfig,
          node: nodeName(`node-${number}`),
          controllers: this.#members(ids),
          timing: TIMING_PROFILES.Relaxed,
        },
      );
      this.#hosts.push({ agent, network });
      await agent.start();
    }
  }

  /** On record. */
  async electorate(): Promise<Electorate | undefined> {
    const reply = await fetch(`${this.#etcd.endpoint}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key: Buffer.from('/vippool/electorate').toString('base64') }),
    });
    const { kvs } = (await reply.json()) as { readonly kvs?: readonly { readonly value: string }[] };
    const text = kvs?.[0]?.value;
    return text === undefined ? undefined : readElectorate(Buffer.from(text, 'base64').toString());
  }

  /** The electorate is that, and nobody joins. */
  async becomes(ids: readonly string[]): Promise<Electorate | undefined> {
    const is = (known: Electorate | undefined): boolean =>
      known !== undefined &&
      !known.joining &&
      known.members
        .map(({ id }) => id as string)
        .sort()
        .join() === [...ids].sort().join();
    return eventually(() => this.electorate(), is, 60_000);
  }

  holders(vip: string): number {
    return this.#hosts.filter(({ network }) => network.marked().some((address) => address.vip === vip)).length;
  }

  async allHeld(): Promise<void> {
    await eventually(
      () => this.#vips.filter((vip) => this.holders(vip) !== 1),
      (open) => open.length === 0,
      60_000,
    );
  }

  #look(): void {
    for (const vip of this.#vips) {
      const holders = this.holders(vip);
      if (holders > 1) this.heldTwice.add(vip);
      if (holders === 0 && this.isWatched) this.lost.add(vip);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(this.#hosts.map(({ agent }) => agent.stop('keep')));
    for (const id of this.#running.keys()) await this.end(id, 'SIGKILL');
    await this.#etcd.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
