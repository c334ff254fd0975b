import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstMissing, missingProgram } from '../../../src/testing/missing.ts';
import { type Host, SERVICE_NIC } from '../host.ts';
import type { Lab } from '../lab.ts';
import type { LabProcess } from '../process.ts';
import { writeCheckScripts } from './check-scripts.ts';

export type CtdbProfile = 'default' | 'fast';

const PACKAGED_EVENTS = '/usr/share/ctdb/events/legacy';
const EVENTS = ['00.ctdb', '01.reclock', '10.interface'];
/** Configuration and state of the machine's own CTDB, in place of which a host sees its own. */
const CONFIGURATION = '/etc/ctdb';
const STATE = '/var/lib/ctdb';
const RUNTIME = '/run/ctdb';
/** Seconds, in all profiles: as often as ours, as far as CTDB can. It has no `fall`: the first failure counts. */
const MONITOR_INTERVAL_S = 1;
/** What CTDB does unconfigured, and about as fast as it runs calmly. Seconds, and a count. */
const TUNABLES: Readonly<Record<CtdbProfile, Readonly<Record<string, number>>>> = {
  default: {},
  fast: { KeepaliveInterval: 1, KeepaliveLimit: 1, ElectionTimeout: 1, TakeoverTimeout: 3, RerecoveryTimeout: 2 },
};

export const missingCtdb = (): string | undefined =>
  firstMissing(missingProgram('ctdbd', 'ctdb'), missingProgram('ethtool', 'ethtool'));

export interface CtdbOptions {
  /** Whether the services of its hosts are checked. Default false. */
  readonly checks?: boolean;
}

/** CTDB on every host of a lab: it spreads the VIPs evenly over the hosts that are well, by its default algorithm. */
export class CtdbCluster {
  readonly #daemons = new Map<string, LabProcess>();

  static start(
    lab: Lab,
    vips: readonly string[],
    profile: CtdbProfile,
    { checks = false }: CtdbOptions = {},
  ): CtdbCluster {
    const cluster = new CtdbCluster();
    for (const host of lab.hosts.values()) cluster.#daemons.set(host.name, start(lab, host, vips, profile, checks));
    return cluster;
  }

  daemon(host: string): LabProcess {
    const daemon = this.#daemons.get(host);
    if (!daemon) throw new Error(`no CTDB on ${host}`);
    return daemon;
  }
}

function start(lab: Lab, host: Host, vips: readonly string[], profile: CtdbProfile, checks: boolean): LabProcess {
  const own = (path: string): string => join(host.directory, path.replaceAll('/', '-').slice(1));
  for (const path of [CONFIGURATION, STATE]) mkdirSync(own(path), { recursive: true });
  mkdirSync(RUNTIME, { recursive: true });
  configure(lab, host, vips, profile, own(CONFIGURATION));
  if (checks) addChecks(host, own(CONFIGURATION));
  // Its runtime directory is in memory, and is made anew where the host boots.
  const script = `mkdir -p ${RUNTIME} ${STATE}/volatile ${STATE}/persistent ${STATE}/state && exec ctdbd -i`;
  const files = { [CONFIGURATION]: own(CONFIGURATION), [STATE]: own(STATE), [RUNTIME]: host.memory };
  return host.run('ctdb', ['sh', '-c', script], {}, files);
}

function configure(lab: Lab, host: Host, vips: readonly string[], profile: CtdbProfile, directory: string): void {
  const events = join(directory, 'events', 'legacy');
  for (const made of [events, join(directory, 'events', 'notification')]) mkdirSync(made, { recursive: true });
  cpSync(join(CONFIGURATION, 'functions'), join(directory, 'functions'));
  for (const name of EVENTS) symlinkSync(join(PACKAGED_EVENTS, `${name}.script`), join(events, `${name}.script`));
  const file = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(directory, name), `${lines.join('\n')}\n`);
  file('ctdb.conf', [
    '[cluster]',
    `cluster lock = ${join(lab.directory, 'ctdb-lock')}`,
    `node address = ${host.addresses.management}`,
    '[legacy]',
    'realtime scheduling = false',
  ]);
  file(
    'nodes',
    [...lab.hosts.values()].map(({ addresses }) => addresses.management),
  );
  file(
    'public_addresses',
    vips.map((vip) => `${vip}/${vip.includes(':') ? 64 : 24} ${SERVICE_NIC}`),
  );
  const tunables = { MonitorInterval: MONITOR_INTERVAL_S, ...TUNABLES[profile] };
  file(
    'ctdb.tunables',
    Object.entries(tunables).map(([name, value]) => `${name}=${value}`),
  );
}

/** As an event script, in place of those for the services of a distribution: these are not services of a machine. */
function addChecks(host: Host, directory: string): void {
  const checks = writeCheckScripts(host.directory).map((path) => `timeout 1 ${path} || { echo "${path}"; exit 1; }`);
  const script = `#!/bin/sh\n[ "$1" = monitor ] || exit 0\n${checks.join('\n')}\n`;
  writeFileSync(join(directory, 'events', 'legacy', '50.services.script'), script, { mode: 0o755 });
}
