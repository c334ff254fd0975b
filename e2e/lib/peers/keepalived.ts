import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { missingProgram } from '../../../src/testing/missing.ts';
import { SERVICE_NIC } from '../host.ts';
import type { Lab } from '../lab.ts';
import type { LabProcess } from '../process.ts';
import { CHECK_FALL, CHECK_RISE } from '../service-checks.ts';
import { writeCheckScripts } from './check-scripts.ts';

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

export interface KeepalivedOptions {
  /** Whether the services of its hosts are checked. Default false. */
  readonly checks?: boolean;
}

/** keepalived on every host of a lab: one VRRP instance per VIP, whose owner is the host with the highest priority. */
export class KeepalivedCluster {
  readonly #lab: Lab;
  readonly #vips: readonly string[];
  readonly #profile: KeepalivedProfile;
  readonly #checks: boolean;
  readonly #daemons = new Map<string, LabProcess>();
  /** Host by VIP, of those that were moved. */
  readonly #moved = new Map<string, string>();

  private constructor(lab: Lab, vips: readonly string[], profile: KeepalivedProfile, checks: boolean) {
    this.#lab = lab;
    this.#vips = vips;
    this.#profile = profile;
    this.#checks = checks;
  }

  /** @param vips at most 255. */
  static start(
    lab: Lab,
    vips: readonly string[],
    profile: KeepalivedProfile,
    { checks = false }: KeepalivedOptions = {},
  ): KeepalivedCluster {
    const cluster = new KeepalivedCluster(lab, vips, profile, checks);
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
    const scripts = this.#checks ? writeCheckScripts(this.#lab.host(name).directory) : [];
    const instances = this.#vips.map(
      (vip, n) => `${instance(vip, n + 1, this.#priority(name, n), this.#profile)}${tracked(scripts)}\n}`,
    );
    const all = [GLOBAL, ...scripts.map(vrrpScript), ...instances];
    writeFileSync(this.#file(name), all.join('\n'), { mode: 0o600 });
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
  }`;

const GLOBAL = `global_defs {
  vrrp_version 3
  script_user root
}`;

/** As often as ours, as far as keepalived can: it counts in whole seconds. */
const vrrpScript = (path: string): string => `
vrrp_script ${basename(path)} {
  script "${path}"
  interval 1
  timeout 1
  fall ${CHECK_FALL}
  rise ${CHECK_RISE}
}`;

const tracked = (scripts: readonly string[]): string =>
  scripts.length === 0 ? '' : `\n  track_script {\n    ${scripts.map((path) => basename(path)).join('\n    ')}\n  }`;
