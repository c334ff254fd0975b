import { execFileSync } from 'node:child_process';
import { type Host, managementPort, servicePort } from './host.ts';
import { sleep } from './wait.ts';

export interface Traffic {
  /** Frames between agents, controllers and etcd, and of the multicast of the master. */
  readonly ours: PerNetwork;
  /** Frames of agents that confirm to one another, on every network, what they hold of pools with `Hold`. */
  readonly confirming: PerNetwork;
  /** ARP from addresses of the service network. */
  readonly arp: PerNetwork;
}

interface PerNetwork {
  readonly management: number;
  readonly service: number;
}

/** Ports of controllers, of their metrics, of the multicast of the master, and of etcd. */
const OUR_PORTS = '7480, 7481, 7483, 2379';
const CONFIRMING_PORT = '7482';
const SERVICE_NETWORK = '192.0.2.0/24';

interface Listed {
  readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
}

/** Counts what a host sends on both of its networks in so many milliseconds, at the ports of the switch. */
export async function trafficWithin(host: Host, ms: number): Promise<Traffic> {
  const chain = (network: string, port: string): string => `
    counter ours-${network} { }
    counter confirming-${network} { }
    counter arp-${network} { }
    chain ${network} {
      type filter hook ingress device "${port}" priority 0;
      tcp dport { ${OUR_PORTS} } counter name "ours-${network}"
      tcp sport { ${OUR_PORTS} } counter name "ours-${network}"
      tcp dport ${CONFIRMING_PORT} counter name "confirming-${network}"
      tcp sport ${CONFIRMING_PORT} counter name "confirming-${network}"
      udp dport { ${OUR_PORTS} } counter name "ours-${network}"
      udp sport { ${OUR_PORTS} } counter name "ours-${network}"
      arp saddr ip ${SERVICE_NETWORK} counter name "arp-${network}"
    }`;
  const chains = [chain('management', managementPort(host.name)), chain('service', servicePort(host.name))];
  nft(['-f', '-'], `table netdev traffic {${chains.join('')}\n}\n`);
  await sleep(ms);
  const { nftables } = JSON.parse(nft(['-j', 'list', 'counters'])) as Listed;
  nft(['delete', 'table', 'netdev', 'traffic']);
  const packets = (name: string): number =>
    nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? Number.NaN;
  const per = (what: string): PerNetwork => ({
    management: packets(`${what}-management`),
    service: packets(`${what}-service`),
  });
  return { ours: per('ours'), confirming: per('confirming'), arp: per('arp') };
}

const nft = (args: readonly string[], input = ''): string => execFileSync('nft', args, { input, encoding: 'utf8' });
