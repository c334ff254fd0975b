import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { NodeHealthStatus, VipPoolStatus } from '../../src/core/api/types.gen.ts';
import { codeOf } from '../../src/adapters/memory-file/file-errors.ts';
import { HOST_ROOT, SERVICE_NIC } from './host.ts';
import { CONTROL, CONTROL_ADDRESS, type Lab } from './lab.ts';
import type { LabProcess } from './process.ts';
import { waitFor } from './wait.ts';

export const PROGRAM = resolve(import.meta.dirname, '../../dist/bin/vippool.js');
export const ETCD_URL = `http://${CONTROL_ADDRESS}:2379`;
export const AGENT_PORT = 7480;
/** Of every host; what is in it is in `root` of the host. */
export const CHECK_DIR = join(HOST_ROOT, 'checks');
const ALLOWED = ['192.0.2.0/24', '198.51.100.0/24', '2001:db8::/64'];

export interface ClusterOptions {
  /** Path of the etcd binary. */
  readonly etcd: string;
  /** Hosts that run an agent from the start; default all. */
  readonly agents?: readonly string[];
  /** Arguments for `--source`, made when etcd runs; default the cluster's own directory. */
  readonly source?: () => Promise<readonly string[]>;
  readonly electionTtl?: string;
  readonly timing?: readonly string[];
  /** Of controllers and agents. */
  readonly env?: Readonly<Record<string, string>>;
  /** Subnets beside those of the lab that VIPs may be of. */
  readonly moreAllowed?: readonly string[];
  /** Files that the agent of this host sees in place of the machine's. */
  readonly agentFiles?: (host: string) => Readonly<Record<string, string>>;
  /** Further arguments of the process of this kind on this host. */
  readonly moreArguments?: (kind: 'controller' | 'agent', host: string) => readonly string[];
}

/** etcd, controllers and agents on the hosts of a lab. */
export class Cluster {
  readonly lab: Lab;
  readonly etcd: LabProcess;
  readonly manifests: string;
  readonly controllers = new Map<string, LabProcess>();
  readonly agents = new Map<string, LabProcess>();
  readonly #options: ClusterOptions;
  #source: readonly string[];

  private constructor(lab: Lab, options: ClusterOptions) {
    this.lab = lab;
    this.#options = options;
    this.manifests = join(lab.directory, 'manifests');
    mkdirSync(this.manifests);
    this.#source = [`--source=dir:${this.manifests}`];
    this.etcd = lab.run('etcd', CONTROL, [
      options.etcd,
      `--data-dir=${join(lab.directory, 'etcd-data')}`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
    ]);
  }

  /** Starts etcd, waits for it, then starts controllers and agents without waiting for them. */
  static async start(lab: Lab, options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(lab, options);
    const healthy = async (): Promise<boolean> => {
      const answer = await fetch(`${ETCD_URL}/health`, { signal: AbortSignal.timeout(500) }).catch(() => undefined);
      return answer?.ok ?? false;
    };
    await waitFor('etcd', healthy, 10_000, () => cluster.etcd.log());
    if (options.source) cluster.#source = await options.source();
    for (const name of cluster.#controllerHosts()) cluster.startController(name);
    for (const name of options.agents ?? lab.hosts.keys()) cluster.startAgent(name);
    return cluster;
  }

  /** The first three run a controller. */
  #controllerHosts(): readonly string[] {
    return [...this.lab.hosts.keys()].slice(0, 3);
  }

  #electorate(): string {
    const address = (id: string): string => `${this.lab.host(id).addresses.management}:${AGENT_PORT}`;
    return this.#controllerHosts()
      .map((id) => `${id}=${address(id)}`)
      .join(',');
  }

  /** The id of a host's controller is the host's name. */
  startController(name: string): LabProcess {
    const host = this.lab.host(name);
    const command = [
      process.execPath,
      PROGRAM,
      'controller',
      `--id=${name}`,
      `--node-name=${name}`,
      `--listen=${host.addresses.management}:${AGENT_PORT}`,
      `--controllers=${this.#electorate()}`,
      `--state-dir=${join(host.memory, 'vippool')}`,
      `--etcd=${ETCD_URL}`,
      ...this.#source,
      `--election-ttl=${this.#options.electionTtl ?? '3s'}`,
      ...(this.#options.timing ?? []),
      ...(this.#options.moreArguments?.('controller', name) ?? []),
    ];
    const started = host.run('controller', command, this.#options.env);
    this.controllers.set(name, started);
    return started;
  }

  startAgent(name: string, labels = 'role=nas', more: readonly string[] = []): LabProcess {
    const host = this.lab.host(name);
    const command = [
      process.execPath,
      PROGRAM,
      'agent',
      `--node-name=${name}`,
      `--controllers=${this.#electorate()}`,
      `--interfaces=${SERVICE_NIC}`,
      `--allowed-addresses=${[...ALLOWED, ...(this.#options.moreAllowed ?? [])].join(',')}`,
      `--labels=${labels}`,
      `--check-dir=${CHECK_DIR}`,
      `--state-dir=${join(host.memory, 'vippool')}`,
      ...(this.#options.timing ?? []),
      ...(this.#options.moreArguments?.('agent', name) ?? []),
      ...more,
    ];
    const started = host.run('agent', command, this.#options.env, this.#options.agentFiles?.(name));
    this.agents.set(name, started);
    return started;
  }

  /** An upgrade: a successor waits beside the agent, which is told to end then. */
  async replaceAgent(name: string): Promise<void> {
    const before = this.agent(name);
    const ready = join(this.lab.host(name).memory, 'agent-started');
    rmSync(ready, { force: true });
    this.startAgent(name, undefined, ['--if-running=wait', `--startup-file=${ready}`]);
    await waitFor(
      `a successor on ${name}`,
      () => existsSync(ready),
      10_000,
      () => this.logs(),
    );
    await before.stop();
  }

  agent(name: string): LabProcess {
    return found(this.agents.get(name), `no agent on ${name}`);
  }

  controller(name: string): LabProcess {
    return found(this.controllers.get(name), `no controller on ${name}`);
  }

  /** Writes a manifest the way an editor does. */
  apply(name: string, text: string): void {
    const file = join(this.manifests, `${name}.yaml`);
    writeFileSync(`${file}.tmp`, text);
    renameSync(`${file}.tmp`, file);
  }

  remove(name: string): void {
    rmSync(join(this.manifests, `${name}.yaml`));
  }

  poolStatus(name: string): VipPoolStatus | undefined {
    return this.#status(`vippool-${name}.yaml`) as VipPoolStatus | undefined;
  }

  nodeStatus(name: string): NodeHealthStatus | undefined {
    return this.#status(`nodehealth-${name}.yaml`) as NodeHealthStatus | undefined;
  }

  #status(file: string): unknown {
    let text: string;
    try {
      text = readFileSync(join(this.manifests, 'status', file), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    return (parse(text) as { status?: unknown }).status;
  }

  /** Name of the controller that holds the lock in etcd now; undefined while nobody does. */
  async master(): Promise<string | undefined> {
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    const range = {
      key: encode('/vippool/election/'),
      range_end: encode('/vippool/election0'),
      sort_order: 'ASCEND',
      sort_target: 'CREATE',
      limit: 1,
    };
    const answer = await fetch(`${ETCD_URL}/v3/kv/range`, { method: 'POST', body: JSON.stringify(range) });
    const { kvs = [] } = (await answer.json()) as { kvs?: { key: string }[] };
    return kvs[0] && Buffer.from(kvs[0].key, 'base64').toString().slice('/vippool/election/'.length);
  }

  /** Everything that the processes logged, for a failure's message. */
  logs(lines = 15): string {
    const all = [...this.controllers, ...this.agents].map(([name, item]) => {
      const tail = item.log().trimEnd().split('\n').slice(-lines).join('\n');
      return `--- ${name} ${item.spec.name}\n${tail}`;
    });
    return `\n${all.join('\n')}`;
  }

  /** Waits until the pool's status says that every VIP is bound. */
  ready(pool: string, timeoutMs = 15_000): Promise<VipPoolStatus> {
    return this.condition(pool, 'Ready', 'True', timeoutMs);
  }

  /** The status of the pool, as soon as it has the condition. */
  condition(pool: string, type: string, wanted: 'True' | 'False', timeoutMs = 15_000): Promise<VipPoolStatus> {
    const shown = (): VipPoolStatus | undefined => {
      const status = this.poolStatus(pool);
      return status?.conditions?.some((item) => item.type === type && item.status === wanted) ? status : undefined;
    };
    return waitFor(`pool ${pool} to be ${type}=${wanted}`, shown, timeoutMs, () => this.logs());
  }
}

function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}
