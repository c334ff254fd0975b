import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CheckProbe } from '../../core/checks.ts';
import { BLACK_HOLE, hostWithBlackHole } from '../../testing/black-hole.ts';
import { eventually } from '../../testing/eventually.ts';
import { HostNamespace } from '../../testing/host-namespace.ts';
import { RemoteProbes } from '../../testing/remote-probes.ts';
import { describeWith, firstMissing, missingProgram } from '../../testing/requirements.ts';

const PORT = 2049;
const probesOf = (host: string): CheckProbe[] => [
  { type: 'tcp', host, port: PORT },
  { type: 'http', url: `http://${host}:${PORT}/`, statuses: [200, 399], contains: '', verifyTls: true },
  { type: 'http', url: `https://${host}:${PORT}/`, statuses: [200, 399], contains: '', verifyTls: true },
  { type: 'nfs', host, port: PORT, versions: [3, 4] },
  { type: 'smb', host, port: PORT },
  {
    type: 'postgres',
    host,
    port: PORT,
    role: 'Any',
    user: 'postgres',
    database: 'postgres',
    passwordFile: '',
  },
];
const named = (host: string): [string, CheckProbe][] =>
  probesOf(host).map((check) => [check.type === 'http' ? check.url.replace(/:.*/, '') : check.type, check]);

describeWith(
  firstMissing(HostNamespace.missing(), missingProgram('nft', 'nftables')),
  'a probe of what cannot be reached',
  () => {
    let host: HostNamespace;
    let probes: RemoteProbes;
    /** TCP connections made or being made. */
    const connections = (): number => host.run('ss', '-Htan').split('\n').filter(Boolean).length;

    beforeAll(async () => {
      host = await hostWithBlackHole();
      probes = await RemoteProbes.start(host);
    });
    afterAll(async () => {
      await probes.close();
      await host.close();
    });

    test.each(named(BLACK_HOLE))('%s: is cut off, and nothing is left', async (_, check) => {
      const outcome = await probes.run(check, 200);
      expect(outcome).toMatchObject({ ok: false, output: `no connection to ${BLACK_HOLE}:${PORT} within 200 ms` });
      expect(outcome.ms).toBeLessThan(350);
      await eventually(connections, (count) => count === 0);
    });

    test.each(named('198.51.100.1'))('%s: no route', async (_, check) => {
      expect(await probes.run(check)).toMatchObject({
        ok: false,
        output: `198.51.100.1:${PORT} is unreachable: this host has no route to it`,
      });
    });

    test('nobody has the address', async () => {
      // The kernel asks three times for the MAC of the address, a second each.
      const outcomes = await Promise.all(probesOf('192.0.2.77').map((check) => probes.run(check, 4_500)));
      const output = `192.0.2.77:${PORT} is unreachable: no host has this address, or a router says so`;
      expect(outcomes.map((outcome) => outcome.output)).toEqual(outcomes.map(() => output));
    });

    test('a packet filter of the host forbids it', async () => {
      host.run('nft', 'add table ip t');
      host.run('nft', 'add chain ip t out { type filter hook output priority 0; }');
      host.run('nft', 'add rule ip t out tcp dport 4711 reject with icmp type admin-prohibited');
      host.run('nft', 'add rule ip t out tcp dport 4712 reject with tcp reset');
      const prohibited = await probes.run({ type: 'tcp', host: '192.0.2.66', port: 4711 });
      expect(prohibited.output).toMatch(/^192\.0\.2\.66:4711 (is unreachable: no host|may not be reached)/);
      const reset = await probes.run({ type: 'tcp', host: '192.0.2.66', port: 4712 });
      expect(reset.output).toBe('192.0.2.66:4712 refuses connections: nothing listens there');
    });
  },
);
