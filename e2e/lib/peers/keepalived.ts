import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../../../src/testing/missing.ts';
import { SERVICE_NIC } from '../host.ts';
import type { Lab } from '../lab.ts';
import type { LabProcess } from '../process.ts';

export type KeepalivedProfile = 'default' | 'fast';

/** Seconds between advertisements: what keepalived does unconfigured, and about as fast as it runs calmly. */
const ADVERTISE_S: Readonly<Record<KeepalivedProfile, number>> = { default: 1, fast: 0.07 };
/** Of a host that an operator moves a VIP to: above all others. */
const MOVED_PRIORITY = 250;

export const missingKeepalived = (): string | undefined => missingProgram('keepalived', 'keepalived');

/**
 * What a service manager does on a host that boots: wait until the kernel has checked that nobody else has the host's
 * own addresses. Without it keepalived cannot send over IPv6 yet, and takes VIPs that somebody holds.
 */
const onceOnline = [
  'sh',
  '-c',
  `while ip -6 addr show dev ${SERVICE_NIC} tentative | grep -q inet6; do sleep 0.05; done; exec "$@"`,
  'sh',
];

/** keepalived on every host of a lab: one VRRP instance per VIP, whose owner is the host with the highest priority. */
export class KeepalivedCluster {
  readonly #lab: Lab;
  readonly #vips: readonly string[];
  readonly #profile: KeepalivedProfile;
  readonly #daemons = new Map<string, LabProcess>();
  /** Host by VIP, of those that were moved. */
  readonly #moved = new Map<string, string>();

  private constructor(lab: Lab, vips: readonly string[], profile: KeepalivedProfile) {
    this.#lab = lab;
    this.#vips = vips;
    this.#profile = profile;
  }

  /** @param vips at most 255. */
  static start(lab: Lab, vips: readonly string[], profile: KeepalivedProfile): KeepalivedCluster {
    const cluster = new KeepalivedCluster(lab, vips, profile);
    for (const [name, host] of lab.hosts) {
      cluster.#configure(name);
      // Of an earlier boot there are no process ids: the host's memory is empty then.
      const pid = (kind: string): string => join(host.memory, `keepalived-${kind}.pid`);
      const command = ['keepalived', '--dont-fork', '--log-console', `--use-file=${cluster.#file(name)}`];
      const pids = [`--pid=${pid('main')}`, `--vrrp_pid=${pid('vrrp')}`];
      cluster.#daemons.set(name, host.run('keepalived', [...onceOnline, ...command, ...pids]));
    }
    return cluster;
  }

  daemon(host: string): LabProcess {
    const daemon = this.#daemons.get(host);
    if (!daemon) throw new Error(`no keepalived on ${host}`);
    return daemon;
  }

  /** The host that has a VIP while all hosts run. */
  home(vip: string): string {
    const hosts = [...this.#lab.hosts.keys()];
    return this.#moved.get(vip) ?? hosts[this.#vips.indexOf(vip) % hosts.length] ?? '';
  }

  /** A planned move as operators do it: another priority, and a reload. */
  move(vip: string, to: string): void {
    const from = this.#moved.get(vip);
    this.#moved.set(vip, to);
    for (const name of new Set([to, from ?? to])) {
      this.#configure(name);
      this.daemon(name).signal('SIGHUP');
    }
  }

  #file(host: string): string {
    return join(this.#lab.host(host).directory, 'keepalived.conf');
  }

  #configure(name: string): void {
    const instances = this.#vips.map((vip, n) => instance(vip, n + 1, this.#priority(name, n), this.#profile));
    writeFileSync(this.#file(name), ['global_defs {\n  vrrp_version 3\n}', ...instances].join('\n'), { mode: 0o600 });
  }

  /** The n-th VIP is first on the host n modulo the number of hosts, then on the ones after it. */
  #priority(name: string, n: number): number {
    if (this.#moved.get(this.#vips[n] ?? '') === name) return MOVED_PRIORITY;
    const hosts = [...this.#lab.hosts.keys()];
    const distance = (hosts.indexOf(name) - (n % hosts.length) + hosts.length) % hosts.length;
    return 200 - 10 * distance;
  }
}

const instance = (vip: string, id: number, priority: number, profile: KeepalivedProfile): string => `
vrrp_instance vip_${id} {
  state BACKUP
  interface ${SERVICE_NIC}
  virtual_router_id ${id}
  priority ${priority}
  advert_int ${ADVERTISE_S[profile]}
  virtual_ipaddress {
    ${vip}/${vip.includes(':') ? 128 : 32} dev ${SERVICE_NIC}
  }
}`;
