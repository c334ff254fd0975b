import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../../../src/testing/requirements.ts';
import { SERVICE_NIC } from '../host.ts';
import type { Lab } from '../lab.ts';
import type { LabProcess } from '../process.ts';

export type KeepalivedProfile = 'default' | 'fast';

/** Seconds between advertisements: what keepalived does unconfigured, and about as fast as it runs calmly. */
const ADVERTISE_S: Readonly<Record<KeepalivedProfile, number>> = { default: 1, fast: 0.07 };

export const missingKeepalived = (): string | undefined => missingProgram('keepalived', 'keepalived');

/** keepalived on every host of a lab: one VRRP instance per VIP, whose owner is the host with the highest priority. */
export class KeepalivedCluster {
  readonly #daemons = new Map<string, LabProcess>();

  static start(lab: Lab, vips: readonly string[], profile: KeepalivedProfile): KeepalivedCluster {
    const cluster = new KeepalivedCluster();
    const hosts = [...lab.hosts.keys()];
    for (const [index, name] of hosts.entries()) {
      const host = lab.host(name);
      const file = join(host.directory, 'keepalived.conf');
      const instances = vips.map((vip, n) =>
        instance(vip, n + 1, priority(index, n, hosts.length), ADVERTISE_S[profile]),
      );
      writeFileSync(file, ['global_defs {\n  vrrp_version 3\n}', ...instances].join('\n'), { mode: 0o600 });
      const pid = (kind: string): string => join(host.memory, `keepalived-${kind}.pid`);
      const command = ['keepalived', '--dont-fork', '--log-console', `--use-file=${file}`];
      cluster.#daemons.set(
        name,
        host.run('keepalived', [...command, `--pid=${pid('main')}`, `--vrrp_pid=${pid('vrrp')}`]),
      );
    }
    return cluster;
  }

  daemon(host: string): LabProcess {
    const daemon = this.#daemons.get(host);
    if (!daemon) throw new Error(`no keepalived on ${host}`);
    return daemon;
  }
}

/** The n-th VIP is first on the host n modulo the number of hosts, then on the ones after it. */
const priority = (host: number, n: number, hosts: number): number => 200 - 10 * ((host - n + hosts * (n + 1)) % hosts);

const instance = (vip: string, id: number, priority: number, advertS: number): string => `
vrrp_instance vip_${id} {
  state BACKUP
  interface ${SERVICE_NIC}
  virtual_router_id ${id}
  priority ${priority}
  advert_int ${advertS}
  virtual_ipaddress {
    ${vip}/${vip.includes(':') ? 128 : 32} dev ${SERVICE_NIC}
  }
}`;
