import { ipBatch } from './ip.ts';

/** A NIC of a machine of the lab, and the switch that it is plugged in. */
export interface Nic {
  /** Name on the switch. */
  readonly port: string;
  /** Name on the machine. */
  readonly name: string;
  readonly bridge: string;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

/** Lines for `ip`: a switch that forwards at once, and everything. */
export const switchLine = (name: string): string => `link add ${name} type bridge forward_delay 0 mcast_snooping 0`;

/** Lines for `ip`: a machine, which is a namespace, and its cables. */
export const plug = (machine: string, nics: readonly Nic[]): string[] => [
  `netns add ${machine}`,
  ...nics.flatMap(({ port, name, bridge }) => [
    `link add ${port} type veth peer name ${name} netns ${machine}`,
    `link set ${port} master ${bridge} up`,
  ]),
];

/** Brings the NICs of a machine up. */
export const configure = (machine: string, nics: readonly Nic[]): void =>
  ipBatch(['link set lo up', ...nics.flatMap(linesOf)], { namespace: machine });

const linesOf = ({ name, addresses }: Nic): string[] => [
  `link set ${name} up`,
  ...addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
];
