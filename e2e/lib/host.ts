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

/** One host: a network namespace with a management and a service NIC, and the processes that run on it. */
export class Host {
  readonly name: string;
  readonly addresses: HostAddresses;
  readonly directory: string;
  readonly logs: string;
  readonly processes: LabProcess[] = [];
  /** A memory file system: empty after each power cycle. */
  readonly memory: string;
  readonly #identity: Readonly<Record<string, string>>;
  #bootProcesses: LabProcess[] = [];
  powered = true;

  constructor(addresses: HostAddresses, directory: string, logs: string) {
    this.name = addresses.name;
    this.addresses = addresses;
    this.directory = directory;
    this.logs = logs;
    this.memory = join(directory, 'memory');
    this.#identity = {
      [MACHINE_ID]: join(directory, 'machine-id'),
      '/proc/sys/kernel/random/boot_id': join(directory, 'boot-id'),
    };
  }

  /** Makes what the host has on disk. */
  create(): void {
    for (const directory of [this.memory, this.logs]) mkdirSync(directory, { recursive: true });
    writeFileSync(join(this.directory, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
    this.#boot();
  }

  #boot(): void {
    writeFileSync(join(this.directory, 'boot-id'), `${randomUUID()}\n`);
  }

  /** A process that is started now and, if it runs then, after each power cycle. */
  run(name: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): LabProcess {
    const logFile = join(this.logs, `${name}.log`);
    const started = new LabProcess({ name, command, namespace: this.name, env, logFile, files: this.#identity });
    this.processes.push(started);
    return started.start();
  }

  /** The plug is pulled: nothing leaves the host any more, and every process is gone at once. */
  async powerOff(): Promise<void> {
    this.powered = false;
    ip(`link set ${managementPort(this.name)} down`, `link set ${servicePort(this.name)} down`);
    this.#bootProcesses = this.processes.filter((item) => item.running);
    await Promise.all(this.#bootProcesses.map((item) => item.kill()));
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
    for (const item of this.#bootProcesses) item.start();
  }
}
