import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipToBytes, parseIp } from '../../../core/ip.ts';
import { giveVips, startProber, VIP4, VIP6 } from '../../../testing/fence-trial.ts';
import type { LineProcess } from '../../../testing/line-process.ts';
import { RemoteFence } from '../../../testing/remote-fence.ts';
import { RemoteNetwork } from '../../../testing/remote-network.ts';
import { describeWith, firstMissing, missingNetworkNamespaces, missingProgram } from '../../../testing/requirements.ts';
import { macOf, ServiceNetwork } from '../../../testing/service-network.ts';
import { type ProbeReport, PROBES } from '../../../testing/vip-probe.ts';
import { unsolicitedAdvertisement } from '../ndp-frame.ts';

const LEASE_MS = 1_000;
const OPTIONS = { interfaces: ['svc0'], leaseMs: LEASE_MS };
const FENCED = { [VIP4]: 3, [VIP6]: 3 };
const WATCH_MS = 80;
const macBytes = (mac: string): Uint8Array => Buffer.from(mac.replaceAll(':', ''), 'hex');
const ipBytes = (text: string): Uint8Array => {
  const ip = parseIp(text);
  if (!ip) throw new Error(`not an address: ${text}`);
  return ipToBytes(ip);
};
const SILENT = { least: 0, spoken: 0 };
/** A question may still be on its way when the count is taken. */
const MOST = 0.5;

describeWith(missingNetworkNamespaces(), 'KernelFence on an Ethernet', () => {
  let network: ServiceNetwork;
  let fence: RemoteFence;
  let prober: LineProcess;

  beforeAll(async () => {
    network = await ServiceNetwork.create(2);
    giveVips(network);
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    fence = await RemoteFence.create(network.host(1), OPTIONS);
    prober = await startProber(network);
    await fence.start();
  });
  afterEach(async () => {
    await prober.killed();
    await fence.end();
  });

  /** Share of the questions of each kind that were answered while `work` ran, and what was said unasked as well. */
  async function during(work: () => Promise<unknown>) {
    const before = await prober.call<ProbeReport>('report');
    await work();
    const after = await prober.call<ProbeReport>('report');
    const shares = PROBES.map((kind) => {
      const asked = after[kind].asked - before[kind].asked;
      expect(asked).toBeGreaterThan(5);
      return (after[kind].answered - before[kind].answered) / asked;
    });
    return { least: Math.min(...shares), spoken: after.spoken - before.spoken };
  }
  const watch = () => during(() => sleep(WATCH_MS));

  test('the host answers what is not fenced, is silent for what is, and answers while the class is alive', async () => {
    expect((await watch()).least).toBeGreaterThan(MOST);
    await fence.manage(FENCED);
    expect(await watch()).toEqual(SILENT);
    await fence.extend('acquire', 4, LEASE_MS);
    expect(await watch()).toEqual(SILENT);
    await fence.extend('acquire', 3, LEASE_MS);
    expect((await watch()).least).toBeGreaterThan(MOST);
    await fence.close(3);
    expect(await watch()).toEqual(SILENT);
    await fence.manage({});
    expect((await watch()).least).toBeGreaterThan(MOST);
  });

  test('nothing that the host says by itself gets out', async () => {
    const linux = await RemoteNetwork.start(network.host(1), {
      interfaces: ['svc0'],
      allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'],
      lifetimeSeconds: 30,
    });
    const say = async (): Promise<void> => {
      const all = [VIP4, VIP6].map((vip) => ({ vip, interface: 'svc0', prefixLength: vip === VIP4 ? 32 : 128 }));
      await linux.call('announce', all);
      const host = network.host(1);
      for (const [from, to] of [
        [VIP4, '192.0.2.2'],
        [VIP6, '2001:db8::2'],
      ]) {
        const family = from === VIP4 ? 'udp4' : 'udp6';
        const program = `const s = require('node:dgram').createSocket('${family}'); s.on('error', () => process.exit()); s.bind(0, '${from}', () => s.send('x', 9, '${to}', () => process.exit()))`;
        host.run(process.execPath, '-e', program);
      }
      await sleep(20);
    };
    expect((await during(say)).spoken).toBeGreaterThan(5);
    await fence.manage(FENCED);
    expect(await during(say)).toEqual(SILENT);
    await linux.close();
  });

  test('an advertisement does not get out under another source address either', async () => {
    const frame = Buffer.from(unsolicitedAdvertisement(macBytes(macOf(1)), ipBytes(VIP6)));
    frame.set(ipBytes('2001:db8::1'), 22);
    const say = (): Promise<unknown> => fence.process.call('frames', { name: 'svc0', frames: [frame.toString('hex')] });
    expect(await say()).toEqual([]);
    await fence.manage(FENCED);
    expect(await say()).toEqual(['ENOBUFS']);
  });

  test('a fenced host may talk to the host that has the VIP, and learns who that is', async () => {
    const [client, holder] = [network.host(1), network.host(2)];
    const others = { '192.0.2.60': 3, '2001:db8::60': 3 };
    await fence.manage(others);
    holder.ip('addr add 192.0.2.60/32 dev svc0');
    holder.ip('addr add 2001:db8::60/128 dev svc0 nodad');
    for (const vip of Object.keys(others)) {
      const family = vip.includes(':') ? 'udp6' : 'udp4';
      const program = `require('node:dgram').createSocket('${family}').send('x', 9, '${vip}', () => setTimeout(() => process.exit(), 50))`;
      client.run(process.execPath, '-e', program);
      expect(client.ipJson(`neigh show ${vip} dev svc0`)).toMatchObject([{ lladdr: macOf(2) }]);
    }
    holder.ip('addr del 192.0.2.60/32 dev svc0');
    holder.ip('addr del 2001:db8::60/128 dev svc0');
  });

  test('an interface that is made anew is behind the fence again', async () => {
    await fence.manage(FENCED);
    network.host(1).ip('link del svc0');
    network.plugIn(1);
    giveVips(network);
    expect(await watch()).toEqual(SILENT);
    await sleep(200);
    expect(await watch()).toEqual(SILENT);
    await fence.extend('acquire', 3, LEASE_MS);
    expect((await watch()).least).toBeGreaterThan(MOST);
  });

  test('after a restart the host goes on answering, as long as the class lives', async () => {
    await fence.manage(FENCED);
    await fence.extend('acquire', 3, LEASE_MS);
    expect((await during(() => fence.restart())).least).toBeGreaterThan(MOST);
    await fence.extend('refresh', 3, LEASE_MS);
    expect((await watch()).least).toBeGreaterThan(MOST);
    await sleep(LEASE_MS);
    expect(await watch()).toEqual(SILENT);
  });

  test('a fence with other rules is replaced without an instant in which the host could answer', async () => {
    await fence.manage(FENCED);
    await fence.process.killed();
    const other = await RemoteFence.create(network.host(1), { ...OPTIONS, leaseMs: LEASE_MS / 2 });
    expect(await during(() => other.start())).toEqual(SILENT);
    expect(await watch()).toEqual(SILENT);
    fence = other;
  });

  test('a stopped fence stays in the kernel, and a removed one does not', async () => {
    await fence.manage(FENCED);
    await fence.process.call('stop');
    expect(await watch()).toEqual(SILENT);
    await fence.remove();
    expect((await watch()).least).toBeGreaterThan(MOST);
  });
});

describeWith(
  firstMissing(missingNetworkNamespaces(), missingProgram('nft', 'nftables')),
  'KernelFence beside other users of nf_tables',
  () => {
    let network: ServiceNetwork;
    let fence: RemoteFence;

    beforeEach(async () => {
      network = await ServiceNetwork.create(1);
    });
    afterEach(async () => {
      await fence.end();
      await network.close();
    });
    const start = async (exclusive: boolean): Promise<void> => {
      fence = await RemoteFence.create(network.host(1), { ...OPTIONS, exclusive });
      await fence.start();
      await fence.manage(FENCED);
      await fence.extend('acquire', 3, LEASE_MS);
    };
    const list = (): string => network.host(1).run('nft', 'list', 'ruleset');

    test('everybody can list it, as text and as JSON', async () => {
      await start(true);
      expect(list()).toContain(`${VIP4} : goto class-3`);
      expect(network.host(1).run('nft', '-j', 'list', 'ruleset')).toContain('"vippool"');
    });

    test('`flush ruleset` does not reach a table that has an owner', async () => {
      await start(true);
      network.host(1).run('nft', 'flush', 'ruleset');
      expect(list()).toContain(`${VIP4} : goto class-3`);
      expect(await fence.isOpen(3)).toBe(true);
    });

    test('a table that was flushed is there again at once, with its addresses and open classes', async () => {
      await start(false);
      await fence.extend('acquire', 5, 100);
      await sleep(100);
      network.host(1).run('nft', 'flush', 'ruleset');
      await sleep(250);
      expect(list()).toContain(`${VIP4} : goto class-3`);
      expect(list()).toContain(`chain in-svc0`);
      expect([await fence.isOpen(3), await fence.isOpen(5)]).toEqual([true, false]);
      expect(await fence.process.call('log')).toEqual([
        'info: fence is in force',
        'warn: fence was removed by another program; installed it again',
      ]);
    });

    test('a call finds it as well, before the next look', async () => {
      await start(false);
      network.host(1).run('nft', 'flush', 'ruleset');
      await fence.extend('refresh', 3, LEASE_MS);
      expect(list()).toContain(`${VIP4} : goto class-3`);
      expect(await fence.isOpen(3)).toBe(true);
    });

    test('changes of others leave it alone', async () => {
      await start(true);
      network.host(1).run('nft', 'add table inet other');
      await fence.extend('refresh', 3, LEASE_MS);
      await sleep(150);
      expect(await fence.process.call('log')).toEqual(['info: fence is in force']);
    });
  },
);
