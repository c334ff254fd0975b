/**
 * A switch with hosts and a client, made by hand to try the probes on. Run inside
 * `unshare --net --mount --pid --mount-proc --fork --kill-child`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export const ip = (words: string): void => {
  execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
};
const batch = (lines: readonly string[]): void => {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n'), stdio: ['pipe', 'ignore', 'inherit'] });
};

/** Hosts have 192.0.2.1, .2, ... and 2001:db8::1, ::2, ... on `eth1`; the namespace `client` has .100 and ::100. */
export function createProbeLab(hosts: readonly string[]): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  batch(['link set lo up', 'link add brs type bridge', 'link set brs up']);
  for (const [index, name] of [...hosts, 'client'].entries()) {
    ip(`netns add ${name}`);
    ip(`-n ${name} link set lo up`);
    connect(name, name === 'client' ? 100 : index + 1);
  }
}

/** Gives a host its interface. */
export function connect(name: string, number: number): void {
  batch([`link add s-${name} type veth peer name eth1 netns ${name}`, `link set s-${name} master brs up`]);
  ip(`-n ${name} link set eth1 up`);
  ip(`-n ${name} addr add 192.0.2.${number}/24 dev eth1`);
  ip(`-n ${name} addr add 2001:db8::${number}/64 dev eth1 nodad`);
}

const withLength = (vip: string): string => (vip.includes(':') ? `${vip}/128 dev eth1 nodad` : `${vip}/32 dev eth1`);
export const addVip = (host: string, vip: string): void => ip(`-n ${host} addr add ${withLength(vip)}`);
export const removeVip = (host: string, vip: string): void =>
  ip(`-n ${host} addr del ${withLength(vip).replace(' nodad', '')}`);
