import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { constants } from 'node:os';
import { addressLifetimeMs } from '../../../app/agent/address-lifetime.ts';
import { TIMING_PROFILES } from '../../../core/timing.ts';
import { AgentOnFakes } from '../../../testing/agent-on-fakes.ts';
import { fenceContract } from '../../../testing/contract/fence.contract.ts';
import type { FenceHindrance, FenceTrial } from '../../../testing/fence-process.ts';
import { HostNamespace } from '../../../testing/host-namespace.ts';
import { RemoteFence } from '../../../testing/remote-fence.ts';
import { describeWith, missingNetworkNamespaces } from '../../../testing/requirements.ts';
import { type DatagramKind, encodeDatagram, WORD_BYTES } from './datagram.ts';

const LEASE_MS = 2_000;
const OPTIONS = { interfaces: ['lo'], leaseMs: LEASE_MS };
/** The longest of the ladder. */
const STEP = 20;
const WRONG = Buffer.from('0123456789abcdef', 'hex');

/** A datagram to the fence as whoever has CAP_NET_RAW can make it: Ethernet, IPv4, UDP. */
function frameOf(datagram: Buffer): string {
  const udp = Buffer.alloc(8);
  for (const [index, value] of [911, 911, udp.length + datagram.length].entries()) udp.writeUInt16BE(value, 2 * index);
  const ip = Buffer.from('4500000000000000401100007f0000017f000001', 'hex');
  ip.writeUInt16BE(ip.length + udp.length + datagram.length, 2);
  return Buffer.concat([Buffer.alloc(12), Buffer.from('0800', 'hex'), ip, udp, datagram]).toString('hex');
}

describeWith(missingNetworkNamespaces(), 'KernelFence', () => {
  let host: HostNamespace;

  beforeEach(async () => {
    host = await HostNamespace.create();
  });
  afterEach(() => host.close());

  describe('as every fence', () => fenceContract(() => RemoteFence.create(host, OPTIONS), LEASE_MS));

  test.each([100, 300, 1_000])('with a lease of %d ms no class outlives the end it was given', async (leaseMs) => {
    const fence = await RemoteFence.create(host, { ...OPTIONS, leaseMs });
    await fence.start();
    for (let round = 0; round < 3; round++) {
      const ends = Array.from({ length: 60 }, () => Math.random() * leaseMs * 1.1);
      const trials = await fence.process.call<FenceTrial[]>('trials', ends);
      const seen = trials.flatMap(({ lateMs }) => lateMs ?? []);
      expect(seen.length).toBeGreaterThan(30);
      expect(Math.max(...seen)).toBeLessThanOrEqual(0);
    }
    await fence.end();
  });

  test('the self-test sees the kernel keep its deadlines', async () => {
    const fence = await RemoteFence.create(host, OPTIONS);
    const begun = performance.now();
    const report = await fence.start();
    expect(performance.now() - begun).toBeLessThan(300);
    if (report.kind !== 'kernel') throw new Error(report.reason);
    expect([1, 10 / 3, 4, 10]).toContainEqual(expect.closeTo(report.jiffyMs, 3));
    expect(report.latenessMs).toBeLessThanOrEqual(2 * report.jiffyMs);
    await fence.end();
  });

  test('a thousand addresses are fenced in one change, and cost a refresh nothing', async () => {
    const fence = await RemoteFence.create(host, OPTIONS);
    await fence.start();
    await fence.extend('acquire', 0, LEASE_MS);
    const cost = (): Promise<number> => fence.process.call('cost', { fenceClass: 0, forMs: LEASE_MS, times: 500 });
    const before = await cost();
    const vips = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`10.0.${n >> 8}.${n & 255}`, n % 2]));
    expect(await fence.process.call<number>('manage', vips)).toBeLessThan(500);
    expect(await cost()).toBeLessThan(5 * before + 0.1);
    expect(await fence.isOpen(0)).toBe(true);
    await fence.end();
  });

  test('a second process on the host is refused while the first one lives', async () => {
    const [first, second] = [await RemoteFence.create(host, OPTIONS), await RemoteFence.create(host, OPTIONS)];
    await first.start();
    await expect(second.start()).rejects.toThrow('another process uses UDP port 911');
    await first.process.killed();
    expect(await second.start()).toMatchObject({ kind: 'kernel' });
    await second.end();
  });

  describe('somebody else on the host', () => {
    let fence: RemoteFence;
    let stranger: RemoteFence;
    beforeEach(async () => {
      [fence, stranger] = [await RemoteFence.create(host, OPTIONS), await RemoteFence.create(host, OPTIONS)];
      await fence.start();
    });
    afterEach(async () => {
      await stranger.process.killed();
      await fence.end();
    });

    const say = async (word: Uint8Array, ...kinds: readonly DatagramKind[]): Promise<void> => {
      const frames = kinds.map((kind) => frameOf(encodeDatagram(kind, kind === 'acquire' ? STEP : 0, 0, word)));
      expect(await stranger.process.call('frames', { name: 'lo', frames })).toEqual([]);
    };
    const wordOfTable = async (): Promise<Buffer> =>
      Buffer.from((await stranger.process.call<string>('comment', null)).slice(-2 * WORD_BYTES), 'hex');

    test.each([
      ['another word', () => WRONG],
      ['none', () => Buffer.alloc(0)],
      ['half of it', async () => (await wordOfTable()).subarray(0, WORD_BYTES / 2)],
    ])('changes nothing with %s', async (_, make) => {
      const word = await make();
      await say(word, 'guard', 'acquire');
      expect(await fence.isOpen(0)).toBe(false);
      await fence.extend('acquire', 0, LEASE_MS);
      await say(word, 'close');
      expect(await fence.isOpen(0)).toBe(true);
    });

    test('changes nothing after the agent has died either', async () => {
      await fence.process.killed();
      await say(WRONG, 'guard', 'acquire');
      await fence.restart();
      expect(await fence.isOpen(0)).toBe(false);
    });

    test('is listened to with the word, which only who may change the table can read', async () => {
      const word = await wordOfTable();
      await say(word, 'guard', 'acquire');
      expect(await fence.isOpen(0)).toBe(true);
      await say(word, 'close');
      expect(await fence.isOpen(0)).toBe(false);
    });
  });

  test('the word of a table is that of the agent before, and a new table has a new one', async () => {
    const fence = await RemoteFence.create(host, OPTIONS);
    await fence.start();
    const comment = (): Promise<string> => fence.process.call('comment', null);
    const first = await comment();
    expect(first).toMatch(/word [0-9a-f]{16}$/);
    await fence.restart();
    expect(await comment()).toBe(first);
    await fence.remove();
    await fence.restart();
    expect(await comment()).toMatch(/word [0-9a-f]{16}$/);
    expect(await comment()).not.toBe(first);
    await fence.end();
  });

  describe('a host that cannot have a fence', () => {
    /** The agent goes on without: nothing that it calls fails, and nothing is left in the kernel. */
    async function expectNone(fence: RemoteFence, hindrance?: FenceHindrance): Promise<string> {
      const report = await fence.start(hindrance);
      if (report.kind === 'kernel') throw new Error('there is a fence');
      await fence.manage({ '192.0.2.50': 0 });
      await fence.extend('acquire', 0, LEASE_MS);
      await fence.close();
      expect(await fence.isOpen(0)).toBe(false);
      await fence.process.call('stop');
      await fence.process.killed();
      return report.reason;
    }

    test.each([
      ['EPROTONOSUPPORT', 'CONFIG_NF_TABLES'],
      ['EPERM', 'CAP_NET_ADMIN'],
    ] as const)('says why: nf_tables fails with %s', async (code, remedy) => {
      const fence = await RemoteFence.create(host, OPTIONS);
      expect(await expectNone(fence, { openErrno: constants.errno[code] })).toContain(remedy);
    });

    test('says why, and addresses live shorter instead: the kernel has no egress hook', async () => {
      const fence = await RemoteFence.create(host, OPTIONS);
      const reason = await expectNone(fence, { hasNoEgress: true });
      expect(reason).toMatch(/\(EOPNOTSUPP\).*CONFIG_NETFILTER_EGRESS/);
      const report = { kind: 'none', reason } as const;
      expect(addressLifetimeMs(report, 30_000, TIMING_PROFILES.Default)).toBe(2_000);
      const agent = new AgentOnFakes();
      agent.agent = agent.newAgent({ report });
      await agent.leased();
      const told = agent.sent.find((message) => message.kind === 'health');
      expect(told?.fence).toEqual({ active: false, message: reason });
    });

    test('says why: no capability', async () => {
      const fence = await RemoteFence.create(host, OPTIONS, ['setpriv', '--bounding-set', '-net_admin', '--']);
      expect(await expectNone(fence)).toContain('CAP_NET_ADMIN');
    });

    test('says why: no privileged port', async () => {
      const fence = await RemoteFence.create(host, OPTIONS, ['setpriv', '--bounding-set', '-net_bind_service', '--']);
      expect(await expectNone(fence)).toContain('CAP_NET_BIND_SERVICE');
    });

    test('says why: the loopback interface is down', async () => {
      host.ip('link set lo down');
      const fence = await RemoteFence.create(host, OPTIONS);
      expect(await expectNone(fence)).toContain('ip link set lo up');
      host.ip('link set lo up');
      const next = await RemoteFence.create(host, OPTIONS);
      expect(await next.start()).toMatchObject({ kind: 'kernel' });
      await next.end();
    });
  });
});
