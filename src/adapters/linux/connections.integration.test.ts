import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { vipAddress } from '../../core/ids.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteNetwork } from '../../testing/remote-network.ts';
import { describeWith, missingProgram } from '../../testing/requirements.ts';
import { ServiceNetwork } from '../../testing/service-network.ts';

const OPTIONS = { interfaces: ['svc0'], allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'], lifetimeSeconds: 30 };
const PORT = 7000;
const vip = (text: string): MarkedAddress => ({
  vip: vipAddress(text),
  interface: 'svc0',
  prefixLength: text.includes(':') ? 128 : 32,
});
const V4 = vip('192.0.2.50');
const OTHER = vip('192.0.2.51');
const V6 = vip('2001:db8::50');
const ALL = [V4, OTHER, V6];

/** Listens on "::" (so IPv4 comes mapped) and on IPv4 alone at the next port; says which connections ended, and how. */
const SERVER = `
  const net = require('node:net');
  const serve = (host, port) => net.createServer((socket) => {
    socket.on('error', (error) => (socket.why = error.code));
    socket.on('close', () => console.log('ended ' + socket.from + ' ' + (socket.why ?? 'EOF')));
    socket.from = socket.localAddress.replace('::ffff:', '') + ':' + port;
    console.log('accepted ' + socket.from);
  }).listen(port, host, () => console.log('listening'));
  serve('::', ${PORT});
  serve('0.0.0.0', ${PORT + 1});`;
const CLIENT = `
  const net = require('node:net');
  for (const [host, port] of JSON.parse(process.argv[1])) net.connect(port, host).on('error', () => undefined);
  setInterval(() => undefined, 1000);`;

/** Programs inside hosts, with the lines that they said. */
class Programs {
  readonly #children: ChildProcess[] = [];
  readonly lines: string[] = [];

  run(host: HostNamespace, program: string, argument = ''): void {
    const [file, args] = host.inside(process.execPath, '-e', program, argument);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    this.#children.push(child);
  }

  async said(start: string, count: number): Promise<string[]> {
    const found = (): string[] => this.lines.filter((line) => line.startsWith(start)).toSorted();
    await eventually(
      () => found().length,
      (length) => length >= count,
    );
    return found();
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }
}

describeWith(HostNamespace.missing(), 'LinuxNetwork: connections of VIPs that left', () => {
  let network: ServiceNetwork;
  let remote: RemoteNetwork;
  let programs: Programs;

  beforeAll(async () => {
    network = await ServiceNetwork.create(2);
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    programs = new Programs();
    remote = await RemoteNetwork.start(network.host(1), OPTIONS);
    expect((await remote.put(ALL)).result).toEqual([]);
  });
  afterEach(async () => {
    await programs.close();
    await remote.remove(ALL);
    await remote.close();
  });

  /** Drops, and waits until so many are counted in all: on a slow machine the work goes on after the call. */
  const dropAndCount = async (addresses: readonly MarkedAddress[], kind: string, count: number): Promise<void> => {
    await remote.dropConnections(addresses.map(({ vip: text }) => text));
    await eventually(
      () => remote.call<Record<string, number>>('counts'),
      (counts) => counts[`connections_dropped_total ${kind}`] === count,
    );
  };
  const connect = async (): Promise<void> => {
    programs.run(network.host(1), SERVER);
    await programs.said('listening', 2);
    const targets = ALL.flatMap(({ vip: text }) =>
      (text.includes(':') ? [PORT] : [PORT, PORT + 1]).map((port) => [text, port]),
    );
    programs.run(network.host(2), CLIENT, JSON.stringify(targets));
    await programs.said('accepted', 5);
  };

  test('established connections to the VIP end, those to others and the listeners stay', async () => {
    await connect();
    await remote.remove([V4, V6]);
    await dropAndCount([V4, V6], 'socket', 3);
    expect(await programs.said('ended', 3)).toEqual([
      'ended 192.0.2.50:7000 ECONNABORTED',
      'ended 192.0.2.50:7001 ECONNABORTED',
      'ended 2001:db8::50:7000 ECONNABORTED',
    ]);
    const left = network.host(1).run('ss', '-Htn', 'state', 'established').trim().split('\n');
    expect(left).toHaveLength(2);
    for (const line of left) expect(line).toContain('192.0.2.51');
    await remote.put([V4]);
    programs.run(network.host(2), CLIENT, JSON.stringify([[V4.vip, PORT]]));
    await programs.said('accepted 192.0.2.50:7000', 2);
    expect(await remote.call('counts')).toEqual({ 'connections_dropped_total socket': 3 });
  });

  test('a host without connections answers at once with nothing', async () => {
    const { result, ms } = await remote.dropConnections(ALL.map(({ vip: text }) => text));
    expect(result).toEqual({ tracked: 0, sockets: 0 });
    expect(ms).toBeLessThan(50);
    expect((await remote.dropConnections([])).result).toEqual({ tracked: 0, sockets: 0 });
  });

  describeWith(missingProgram('nft', 'nftables'), 'with connection tracking', () => {
    const nft = (rules: string): void => {
      const [file, args] = network.host(1).inside('nft', '-f', '-');
      execFileSync(file, args, { input: rules, stdio: ['pipe', 'pipe', 'pipe'] });
    };
    const trackedCount = (): number => Number(network.host(1).run('cat', '/proc/sys/net/netfilter/nf_conntrack_count'));
    /** One entry for each port; UDP, so that no socket is needed at the other end. */
    const datagrams = (host: HostNamespace, address: MarkedAddress, ports: number): void => {
      const v6 = address.vip.includes(':');
      const program = `
        const socket = require('node:dgram').createSocket('${v6 ? 'udp6' : 'udp4'}');
        let port = 0;
        const next = () => {
          if (port === ${ports}) return socket.close();
          let left = Math.min(200, ${ports} - port);
          for (let count = left; count > 0; count--) socket.send('x', 1 + port++, '${address.vip}', () => --left || next());
        };
        next();`;
      host.run(process.execPath, '-e', program);
    };

    beforeEach(() => {
      nft(`table inet test {
        chain in { type filter hook input priority 0; ct state new counter accept; }
        chain out { type filter hook output priority 0; ct state new counter accept; }
        chain pre { type nat hook prerouting priority -100; udp dport 53 ip daddr ${OTHER.vip} dnat ip to ${V4.vip}; }
      }`);
    });
    afterEach(() => {
      nft('delete table inet test');
    });

    test('entries that name the VIP go, in either direction and translated; others stay', async () => {
      datagrams(network.host(2), V4, 20);
      datagrams(network.host(2), V6, 20);
      datagrams(network.host(2), OTHER, 60); // one of them translated to V4
      const before = trackedCount();
      expect(before).toBeGreaterThanOrEqual(100);
      await remote.remove([V4, V6]);
      await dropAndCount([V4, V6], 'tracked', 41);
      expect(trackedCount()).toBe(before - 41);
      expect((await remote.dropConnections([V4.vip, V6.vip])).result).toEqual({ tracked: 0, sockets: 0 });
    });

    test('a VIP that is put again meanwhile keeps its entries; a large table does not hold up the process', async () => {
      for (const address of [OTHER, V4]) datagrams(network.host(2), address, 20_000);
      expect(trackedCount()).toBeGreaterThanOrEqual(40_000);
      const { result, ms } = await remote.dropConnections([V4.vip]);
      expect(result.tracked).toBeLessThan(20_000);
      expect(ms).toBeLessThan(100);
      await eventually(trackedCount, (count) => count < 20_500, 10_000);

      await remote.dropConnections([OTHER.vip]);
      await remote.put([OTHER]);
      const kept = trackedCount();
      expect(kept).toBeGreaterThan(10_000);
      // Undisturbed, all of it would be gone by then.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(trackedCount()).toBeGreaterThan(kept - 100);
    });
  });
});
