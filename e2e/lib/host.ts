import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ip } from './ip.ts';
import { MACHINE_ID } from './isolation.ts';
import { LabProcess } from './process.ts';

export interface HostAddresses {
  readonly name: string;
  /** On the management network. */
  readonly management: string;
  /** On the service network. */
  readonly service: string;
  readonly service6: string;
}

/** Names of a host's NICs, on the host and on the switch. */
export const MANAGEMENT_NIC = 'eth0';
export const SERVICE_NIC = 'eth1';
export const managementPort = (host: string): string => `m-${host}`;
export const servicePort = (host: string): string => `s-${host}`;

/** Where the processes of a host see its `root`: the same path on all hosts. */
export const HOST_ROOT = '/run/host';

/** Something on a host that lives and dies with its power. */
export interface HostPart {
  /** Everything ends at once. */
  powerOff(): Promise<void>;
  powerOn(): void;
  /** Everything is asked to end. */
  shutDown(): Promise<void>;
}

/** One host: a network namespace with a management and a service NIC, and the processes that run on it. */
export class Host {
  readonly name: string;
  readonly addresses: HostAddresses;
  readonly directory: string;
  readonly logs: string;
  readonly processes: LabProcess[] = [];
  /** A memory file system: empty after each power cycle. */
  readonly memory: string;
  /** What is on its disk for its processes. */
  readonly root: string;
  readonly #parts: HostPart[] = [];
  readonly #identity: Readonly<Record<string, string>>;
  #bootProcesses: LabProcess[] = [];
  powered = true;

  constructor(addresses: HostAddresses, directory: string, logs: string) {
    this.name = addresses.name;
    this.addresses = addresses;
    this.directory = directory;
    this.logs = logs;
    this.memory = join(directory, 'memory');
    this.root = join(directory, 'root');
    this.#identity = {
      [HOST_ROOT]: this.root,
      [MACHINE_ID]: join(directory, 'machine-id'),
      '/proc/sys/kernel/random/boot_id': join(directory, 'boot-id'),
    };
  }

  /** Makes what the host has on disk. */
  create(): void {
    for (const directory of [this.memory, this.logs, this.root, HOST_ROOT]) mkdirSync(directory, { recursive: true });
    writeFileSync(join(this.directory, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
    this.#boot();
  }

  #boot(): void {
    writeFileSync(join(this.directory, 'boot-id'), `${randomUUID()}\n`);
  }

  /**
   * A process that is started now and, if it runs then, after each power cycle.
   *
   * @param moreFiles what it sees in place of the machine's, beside what all processes of the host do.
   */
  run(
    name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
    moreFiles: Readonly<Record<string, string>> = {},
  ): LabProcess {
    const logFile = join(this.logs, `${name}.log`);
    const files = { ...this.#identity, ...moreFiles };
    const started = new LabProcess({ name, command, namespace: this.name, env, logFile, files });
    this.processes.push(started);
    return started.start();
  }

  /** From now on this goes with the power of the host. */
  add(part: HostPart): void {
    this.#parts.push(part);
  }

  /** From now on its processes see what is mounted below its root, also those that run already by then. */
  shareMounts(): void {
    execFileSync('mount', ['--bind', this.root, this.root]);
    execFileSync('mount', ['--make-shared', this.root]);
  }

  /** Ends its parts for good, and takes away what is mounted. */
  async endParts(): Promise<void> {
    await Promise.all(this.#parts.splice(0).map((part) => part.powerOff()));
    spawnSync('umount', ['--lazy', this.root]);
  }

  /** As an administrator does it: every process is asked to end, then the host has no power. */
  async shutDown(): Promise<void> {
    const running = this.processes.filter((item) => item.running);
    await Promise.all([...running.map((item) => item.stop()), ...this.#parts.map((part) => part.shutDown())]);
    await this.powerOff();
    this.#bootProcesses = running;
  }

  /** The plug is pulled: nothing leaves the host any more, and every process is gone at once. */
  async powerOff(): Promise<void> {
    this.powered = false;
    ip(`link set ${managementPort(this.name)} down`, `link set ${servicePort(this.name)} down`);
    this.#bootProcesses = this.processes.filter((item) => item.running);
    await Promise.all([
      ...this.#bootProcesses.map((item) => item.kill()),
      ...this.#parts.map((part) => part.powerOff()),
    ]);
    rmSync(this.memory, { recursive: true });
    mkdirSync(this.memory);
    // What a power cut takes away: all addresses that were not configured for the start of the host.
    ip(
      `-n ${this.name} link set ${SERVICE_NIC} down`,
      `-n ${this.name} addr flush dev ${SERVICE_NIC}`,
      `-n ${this.name} link set ${MANAGEMENT_NIC} down`,
    );
  }

  powerOn(): void {
    this.#boot();
    const { service, service6 } = this.addresses;
    ip(
      `-n ${this.name} link set ${MANAGEMENT_NIC} up`,
      `-n ${this.name} link set ${SERVICE_NIC} up`,
      `-n ${this.name} addr add ${service}/24 dev ${SERVICE_NIC}`,
      `-n ${this.name} addr add ${service6}/64 dev ${SERVICE_NIC} nodad`,
      `link set ${managementPort(this.name)} up`,
      `link set ${servicePort(this.name)} up`,
    );
    this.powered = true;
    for (const part of this.#parts) part.powerOn();
    for (const item of this.#bootProcesses) item.start();
  }
}
