import { HostNamespace } from './host-namespace.ts';

/**
 * Hosts on one Ethernet: each has `svc0`, with MAC 02:00:00:00:00:0N, 192.0.2.N/24 and 2001:db8::N/64 (N from 1 in the
 * order of the hosts). The other ends of the cables are `port1`, `port2`, ... in the namespace of the switch.
 */
export class ServiceNetwork {
  readonly switch: HostNamespace;
  readonly hosts: readonly HostNamespace[];

  private constructor(bridge: HostNamespace, hosts: readonly HostNamespace[]) {
    this.switch = bridge;
    this.hosts = hosts;
  }

  static async create(hosts: number): Promise<ServiceNetwork> {
    const [bridge, ...others] = await Promise.all(Array.from({ length: hosts + 1 }, () => HostNamespace.create()));
    if (!bridge) throw new Error('no switch');
    bridge.ip('link add br0 type bridge');
    bridge.ip('link set br0 up');
    const network = new ServiceNetwork(bridge, others);
    for (const index of others.keys()) network.plugIn(index + 1);
    return network;
  }

  host(number: number): HostNamespace {
    const host = this.hosts[number - 1];
    if (!host) throw new Error(`no host ${number}`);
    return host;
  }

  /** Gives host N its interface. */
  plugIn(number: number): void {
    const host = this.host(number);
    const port = `port${number}`;
    this.switch.ip(`link add ${port} type veth peer name svc0 address ${macOf(number)} netns ${host.pid}`);
    this.switch.ip(`link set ${port} master br0 up`);
    host.ip('link set svc0 up');
    host.ip(`addr add 192.0.2.${number}/24 dev svc0`);
    host.ip(`addr add 2001:db8::${number}/64 dev svc0 nodad`);
  }

  async close(): Promise<void> {
    await Promise.all([this.switch, ...this.hosts].map((host) => host.close()));
  }
}

export const macOf = (number: number): string => `02:00:00:00:00:0${number}`;
