/** What can go wrong, one small function each; where the fault can be healed, the result does it. */
import { execFileSync } from 'node:child_process';
import { type Host, managementPort, SERVICE_NIC, servicePort } from './host.ts';
import { ip } from './ip.ts';
import type { LabProcess } from './process.ts';

export type Heal = () => void;

/** The cable of the service NIC is pulled: both ends lose their carrier. */
export function serviceNicDown(host: Host): Heal {
  ip(`link set ${servicePort(host.name)} down`);
  return () => ip(`link set ${servicePort(host.name)} up`);
}

export function managementNicDown(host: Host): Heal {
  ip(`link set ${managementPort(host.name)} down`);
  return () => ip(`link set ${managementPort(host.name)} up`);
}

/** The switch forwards nothing of this host any more, while the carrier stays. */
export function serviceBlackHole(host: Host): Heal {
  return unplug(servicePort(host.name), 'brs');
}

export function managementBlackHole(host: Host): Heal {
  return unplug(managementPort(host.name), 'brm');
}

/** The management switch sends this host no multicast that it would have to flood. */
export function managementWithoutMulticast(host: Host): Heal {
  const flood = (state: 'on' | 'off'): void =>
    ip(`link set dev ${managementPort(host.name)} type bridge_slave mcast_flood ${state}`);
  flood('off');
  return () => flood('on');
}

/** Both networks at once. */
export function partition(host: Host): Heal {
  const heals = [serviceBlackHole(host), managementBlackHole(host)];
  return () => heals.forEach((heal) => heal());
}

/** mute: what the host sends is lost. deaf: what is sent to it is lost. */
export type Direction = 'mute' | 'deaf';

export const serviceOneWay = (host: Host, direction: Direction): Heal => oneWay(servicePort(host.name), direction);

export const managementOneWay = (host: Host, direction: Direction): Heal =>
  oneWay(managementPort(host.name), direction);

/**
 * By the port's own rules on the bridge: whoever asks the host on its port, not through the bridge, reaches it as before.
 * A locked port takes nothing from a MAC that it has not learnt; without any that is known behind it, nothing but floods
 * reaches it.
 */
function oneWay(port: string, direction: Direction): Heal {
  const rules = direction === 'mute' ? ['locked'] : ['flood', 'mcast_flood', 'bcast_flood'];
  const [during, after] = direction === 'mute' ? ['on', 'off'] : ['off', 'on'];
  const set = (state: string): string => rules.map((rule) => `${rule} ${state}`).join(' ');
  ip(
    `link set dev ${port} type bridge_slave learning off ${set(during)}`,
    `link set dev ${port} type bridge_slave fdb_flush`,
  );
  return () => ip(`link set dev ${port} type bridge_slave learning on ${set(after)}`);
}

/** Nothing passes between the host and these addresses any more, whoever begins. */
export function unreachableFrom(host: Host, addresses: readonly string[]): Heal {
  const nft = (text: string): void =>
    void execFileSync('nsenter', [`--net=/run/netns/${host.name}`, 'nft', '-f', '-'], { input: text });
  const them = `{ ${addresses.join(', ')} }`;
  nft(`table ip unreachable {
    chain in { type filter hook input priority 0; ip saddr ${them} drop; }
    chain out { type filter hook output priority 0; ip daddr ${them} drop; }
  }`);
  return () => nft('delete table ip unreachable');
}

function unplug(port: string, bridge: string): Heal {
  ip(`link set ${port} nomaster`);
  return () => ip(`link set ${port} master ${bridge}`);
}

/** etcd does not answer any more: the process sleeps. */
export function etcdAway(etcd: LabProcess): Heal {
  etcd.freeze();
  return () => etcd.thaw();
}

export function freeze(process: LabProcess): Heal {
  process.freeze();
  return () => process.thaw();
}

/** Somebody who is not us takes a VIP off the interface. */
export function deleteAddressByHand(host: Host, address: string): void {
  ip(`-n ${host.name} addr del ${address}/${address.includes(':') ? 128 : 32} dev ${SERVICE_NIC}`);
}
