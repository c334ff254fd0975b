/** A started LinuxNetwork with a gateway probe, on demand of its parent: both work in the namespace of their process. */
import { readdirSync } from 'node:fs';
import { GatewayProbe } from '../adapters/linux/gateway-probe.ts';
import { LinuxNetwork } from '../adapters/linux/linux-network.ts';
import type { GatewayProbe as GatewayCheck } from '../core/checks.ts';
import { parseCidr } from '../core/ip.ts';
import type { MarkedAddress } from '../ports/network.ts';
import { serveLines } from './line-process.ts';
import { runProbe } from './probe-runs.ts';
import { realClock } from './real-time.ts';

const SERVICE_INTERFACE = 'svc0';
let carriers: readonly string[] = [SERVICE_INTERFACE];
const log = { log: () => undefined, child: () => log };
const metrics = {
  count: () => undefined,
  gauge: () => undefined,
  gauges: () => undefined,
  beforeRead: () => undefined,
  observe: () => undefined,
};
const network = new LinuxNetwork(
  {
    interfaces: [SERVICE_INTERFACE],
    allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'].flatMap((cidr) => parseCidr(cidr) ?? []),
    lifetimeSeconds: 30,
  },
  { clock: realClock, log, metrics },
);
const probe = new GatewayProbe({
  clock: realClock,
  state: () => network.state,
  serviceInterfaces: () => carriers,
});

serveLines({
  start: () => network.start(() => undefined),
  carry: (names: readonly string[]) => void (carriers = names),
  put: (addresses: readonly MarkedAddress[]) => network.put(addresses),
  remove: (addresses: readonly MarkedAddress[]) => network.remove(addresses),
  run: ({ check, timeoutMs }: { check: GatewayCheck; timeoutMs: number }) => runProbe(probe, check, timeoutMs),
  openFiles: () => readdirSync('/proc/self/fd').length,
  stop: () => {
    probe.stop();
    network.stop();
  },
});
