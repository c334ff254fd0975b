import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Host, type HostAddresses, MANAGEMENT_NIC, managementPort, SERVICE_NIC, servicePort } from './host.ts';
import { ipBatch } from './ip.ts';
import { prepareIsolation } from './isolation.ts';
import { configure, type Nic, plug, switchLine } from './nic.ts';
import { LabProcess } from './process.ts';

/** Namespaces that are no hosts of VIPs: where etcd and the API server run, and where the client sits. */
export const CONTROL = 'control';
export const CLIENT = 'client';
export const CONTROL_ADDRESS = '10.77.0.250';
/** The switch's own address on the management network: what runs in the harness itself is reached there. */
export const SWITCH_ADDRESS = '10.77.0.254';
const CONTROL_PORT = managementPort(CONTROL);
const CLIENT_PORT = servicePort(CLIENT);
/** Of the client on the service network, which every host may ask. */
export const CLIENT_ADDRESS = '192.0.2.240';
const CLIENT_ADDRESSES = [`${CLIENT_ADDRESS}/24`, '2001:db8::240/64'];
/** Logs of all labs of this isolation, a directory each; they stay when a lab is taken down. */
export const LABS = '/run/lab-logs';
const SWITCH = [
  switchLine('brm'),
  switchLine('brs'),
  `addr add ${SWITCH_ADDRESS}/24 dev brm`,
  'link set brm up',
  'link set brs up',
];

/** Hosts, a switch for each network, a client, and a place for etcd: one cluster's worth of machines. */
export class Lab {
  readonly directory: string;
  readonly logs: string;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly #processes: LabProcess[] = [];

  private constructor(directory: string, hosts: ReadonlyMap<string, Host>) {
    this.directory = directory;
    this.logs = join(LABS, basename(directory));
    this.hosts = hosts;
  }

  /** @throws Error outside of an isolation, or where the kernel refuses. */
  static create(names: readonly string[]): Lab {
    prepareIsolation();
    const directory = mkdtempSync('/run/lab-');
    mkdirSync(join(LABS, basename(directory)), { recursive: true });
    const hosts = new Map<string, Host>();
    const machines = new Map<string, Nic[]>([
      [CONTROL, [{ port: CONTROL_PORT, name: MANAGEMENT_NIC, bridge: 'brm', addresses: [`${CONTROL_ADDRESS}/24`] }]],
      [CLIENT, [{ port: CLIENT_PORT, name: SERVICE_NIC, bridge: 'brs', addresses: CLIENT_ADDRESSES }]],
    ]);
    for (const [index, name] of names.entries()) {
      const host = new Host(addressesOf(name, index), join(directory, name), join(LABS, basename(directory), name));
      host.create();
      hosts.set(name, host);
      const { management, service, service6 } = host.addresses;
      machines.set(name, [
        { port: managementPort(name), name: MANAGEMENT_NIC, bridge: 'brm', addresses: [`${management}/24`] },
        { port: servicePort(name), name: SERVICE_NIC, bridge: 'brs', addresses: [`${service}/24`, `${service6}/64`] },
      ]);
    }
    const lab = new Lab(directory, hosts);
    try {
      ipBatch([...SWITCH, ...[...machines].flatMap(([name, nics]) => plug(name, nics))]);
      for (const [name, nics] of machines) configure(name, nics);
    } catch (error) {
      lab.#remove();
      throw error;
    }
    return lab;
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`the lab has no host ${name}`);
    return host;
  }

  /** A process that belongs to no host of VIPs. */
  run(name: string, namespaceName: string | undefined, command: readonly string[]): LabProcess {
    const logFile = join(this.logs, `${name}.log`);
    const spec = { name, command, logFile, ...(namespaceName === undefined ? {} : { namespace: namespaceName }) };
    const started = new LabProcess(spec);
    this.#processes.push(started);
    return started.start();
  }

  /** Ends every process and part of a host, and takes every namespace and link away. Logs are copied to $VIPPOOL_KEEP_LOGS first, if set. */
  async destroy(): Promise<void> {
    const all = [...this.#processes, ...[...this.hosts.values()].flatMap((host) => host.processes)];
    await Promise.all([...all.map((item) => item.kill()), ...[...this.hosts.values()].map((host) => host.endParts())]);
    const kept = process.env['VIPPOOL_KEEP_LOGS'];
    if (kept !== undefined) cpSync(this.logs, join(kept, basename(this.directory)), { recursive: true });
    this.#remove();
  }

  /** Leaves out what is not there. */
  #remove(): void {
    const ports = [...this.hosts.keys()].flatMap((name) => [managementPort(name), servicePort(name)]);
    // One by one: the kernel would remove the links of a namespace some time after it, and a new lab uses their names.
    ipBatch(
      [
        ...[...ports, CONTROL_PORT, CLIENT_PORT, 'brm', 'brs'].map((link) => `link del ${link}`),
        ...[...this.hosts.keys(), CONTROL, CLIENT].map((name) => `netns del ${name}`),
      ],
      { onError: 'continue' },
    );
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function addressesOf(name: string, index: number): HostAddresses {
  const number = index + 1;
  return {
    name,
    management: `10.77.0.${10 + number}`,
    service: `192.0.2.${200 + number}`,
    service6: `2001:db8::ff:${number}`,
  };
}
