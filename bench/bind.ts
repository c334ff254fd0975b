/**
 * How long one agent's network adapter takes to bind VIPs and announce them (`put` and `announce`, both synchronous):
 * a new process on a new interface in a namespace of its own for every run. Needs root.
 */
import { vipAddress } from '../src/core/ids.ts';
import type { MarkedAddress } from '../src/ports/network.ts';
import { RemoteNetwork } from '../src/testing/remote-network.ts';
import { ServiceNetwork } from '../src/testing/service-network.ts';
import { type BenchRow, median } from './table.ts';

interface Run {
  readonly bindMs: number;
  readonly announceMs: number;
  readonly refreshMs: number;
}

const SIZES = [1, 100, 1000];
const FAMILIES = [
  { name: 'IPv4', subnet: '198.18.0.0/15', address: (n: number) => `198.18.${n >> 8}.${n & 255}`, prefixLength: 32 },
  { name: 'IPv6', subnet: 'fd00::/64', address: (n: number) => `fd00::${n.toString(16)}`, prefixLength: 128 },
] as const;

/** Rows of `bind and announce`, and of its parts and the refresh of lifetimes. */
export async function benchBind(runs = 5): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const family of FAMILIES) {
    for (const size of SIZES) {
      const results: Run[] = [];
      for (let run = 0; run < runs; run++) results.push(await oneRun(family, size));
      const row = (what: string, of: (result: Run) => number): BenchRow => {
        const value = Number(median(results.map(of)).toFixed(2));
        return { name: `${what} ${size} ${family.name}`, unit: 'ms', value, runs };
      };
      rows.push(
        row('bind and announce', (result) => result.bindMs + result.announceMs),
        row('bind', (result) => result.bindMs),
        row('announce', (result) => result.announceMs),
        row('refresh', (result) => result.refreshMs),
      );
    }
  }
  return rows;
}

async function oneRun(family: (typeof FAMILIES)[number], size: number): Promise<Run> {
  const network = await ServiceNetwork.create(1);
  try {
    const { subnet, address, prefixLength } = family;
    const options = { interfaces: ['svc0'], allowedAddresses: [subnet], lifetimeSeconds: 30 };
    const remote = await RemoteNetwork.start(network.host(1), options);
    const vips = Array.from({ length: size }, (_, index): MarkedAddress => {
      return { vip: vipAddress(address(index + 1)), interface: 'svc0', prefixLength };
    });
    const bind = await remote.put(vips);
    if (bind.result.length > 0) throw new Error(`not bound: ${JSON.stringify(bind.result[0])}`);
    const announce = await remote.announce(vips);
    const refresh = await remote.put(vips);
    await remote.close();
    return { bindMs: bind.ms, announceMs: announce.ms, refreshMs: refresh.ms };
  } finally {
    await network.close();
  }
}
