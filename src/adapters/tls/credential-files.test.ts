import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import type { KeyMaterial } from '../../ports/credentials.ts';
import { around, over, TestAuthority } from '../../testing/certificates.ts';
import { RecordedPorts } from '../../testing/recorded-ports.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { CredentialFiles } from './credential-files.ts';

const NODE = nodeIdentity(nodeName('node-a'));
const NOW = new VirtualClock().wallNow();
const DAY_MS = 24 * 3_600_000;

let authority: TestAuthority;
let another: TestAuthority;
let first: KeyMaterial;
let second: KeyMaterial;
beforeAll(async () => {
  authority = await TestAuthority.create(around(NOW, 10_000));
  another = await TestAuthority.create(around(NOW, 10_000));
  first = await authority.material(NODE, around(NOW));
  second = await authority.material(NODE, around(NOW));
});

let directory: string;
let clock: VirtualClock;
let ports: RecordedPorts;
let credentials: CredentialFiles;

function write(material: Partial<KeyMaterial>): void {
  for (const [part, text] of Object.entries(material)) writeFileSync(join(directory, part), text);
}

async function start(material: KeyMaterial): Promise<void> {
  write(material);
  const path = (part: string): string => join(directory, part);
  const files = {
    certificate: path('certificate'),
    privateKey: path('privateKey'),
    authorities: path('authorities'),
  };
  const { log, metrics } = ports;
  credentials = new CredentialFiles<KeyMaterial>({ files, identity: NODE, use: 'peers', clock, log, metrics });
  await credentials.start();
}

const warnings = (): unknown[] =>
  ports.lines.flatMap(({ level, fields, message }) => (level === 'info' ? [] : [fields['reason'] ?? message]));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vippool-credentials-'));
  clock = new VirtualClock();
  ports = new RecordedPorts();
});
afterEach(() => {
  credentials.stop();
  const logged = JSON.stringify(ports.lines);
  for (const { privateKey } of [first, second]) expect(logged).not.toContain(privateKey.split('\n')[1]);
  rmSync(directory, { recursive: true });
});

test('what is in the files is what a process proves itself with', async () => {
  await start(first);
  expect(credentials.current()).toEqual(first);
});

test('files are read again every few seconds, until the end', async () => {
  await start(first);
  expect(clock.pending).toBe(1);
  credentials.stop();
  expect(clock.pending).toBe(0);
});

describe('renewed files', () => {
  test('are taken, and whoever watches is told', async () => {
    await start(first);
    let told = 0;
    const end = credentials.watch(() => told++);
    await credentials.reload();
    expect(told).toBe(0);
    write(second);
    await credentials.reload();
    expect([told, credentials.current()]).toEqual([1, second]);
    end();
    write(first);
    await credentials.reload();
    expect([told, credentials.current()]).toEqual([1, first]);
    expect(warnings()).toEqual([]);
  });

  test('may bring another authority while the one before is still trusted, then without it', async () => {
    await start(first);
    const both = first.authorities + another.pair.certificate;
    write({ authorities: both });
    await credentials.reload();
    expect(credentials.current().authorities).toBe(both);
    const next = await another.material(NODE, around(NOW));
    write({ certificate: next.certificate, privateKey: next.privateKey });
    await credentials.reload();
    write(next);
    await credentials.reload();
    expect(credentials.current()).toEqual(next);
    expect(warnings()).toEqual([]);
  });

  test('that are half written are waited for without a word', async () => {
    await start(first);
    write({ certificate: second.certificate });
    await credentials.reload();
    expect(credentials.current()).toEqual(first);
    write(second);
    await credentials.reload();
    expect(credentials.current()).toEqual(second);
    expect(warnings()).toEqual([]);
  });

  const cases: [string, () => Promise<Partial<KeyMaterial>>, RegExp][] = [
    ['an empty file', () => Promise.resolve({ certificate: '' }), /contains no PEM certificate/],
    [
      'a broken file',
      () => Promise.resolve({ authorities: first.authorities.replace(/MII.{20}/, 'MII') }),
      /broken certificate/,
    ],
    ['an unreadable key', () => Promise.resolve({ privateKey: 'key' }), /private key is unreadable/],
    ['the key of another', () => Promise.resolve({ privateKey: second.privateKey }), /not the one of the certificate/],
    [
      'the certificate of another',
      () => authority.material(nodeIdentity(nodeName('node-b')), around(NOW)),
      /speaks for spiffe:\/\/vippool\/node\/node-b, not for spiffe:\/\/vippool\/node\/node-a/,
    ],
    [
      'an authority that did not certify it',
      () => Promise.resolve({ authorities: another.pair.certificate }),
      /no auth/,
    ],
    ['a certificate that has expired', () => authority.material(NODE, over(NOW)), /is good from .* until .*, not now/],
  ];
  test.each(cases)('leave everything as it was, with one line in the log: %s', async (_, make, reason) => {
    await start(first);
    write(await make());
    for (let look = 0; look < 5; look++) await credentials.reload();
    expect(credentials.current()).toEqual(first);
    expect(warnings()).toEqual([expect.stringMatching(reason)]);
    write(second);
    await credentials.reload();
    expect(credentials.current()).toEqual(second);
  });

  test('that are not there any more leave everything as it was', async () => {
    await start(first);
    rmSync(join(directory, 'authorities'));
    for (let look = 0; look < 3; look++) await credentials.reload();
    expect(credentials.current()).toEqual(first);
    expect(warnings()).toEqual([expect.stringMatching(/cannot read .*authorities/)]);
  });
});

describe('at the start', () => {
  test('files that are no good are an error', async () => {
    await expect(start({ ...first, privateKey: second.privateKey })).rejects.toMatchObject({ code: 'InvalidInput' });
    expect(clock.pending).toBe(0);
  });

  test('a certificate that has expired is logged: it may be renewed', async () => {
    await start(await authority.material(NODE, over(NOW)));
    expect(warnings()).toEqual([expect.stringMatching(/has expired/)]);
    write(first);
    await credentials.reload();
    expect(credentials.current()).toEqual(first);
  });
});

describe('the end of a certificate', () => {
  const GAUGE = 'certificate_expiry_seconds use=peers';

  test('is a metric: the earlier one of its own and of its authority', async () => {
    const old = await TestAuthority.create(around(NOW, 5));
    await start({ ...(await authority.material(NODE, around(NOW, 48))) });
    expect(ports.gauges.get(GAUGE)).toBe((NOW.getTime() + 2 * DAY_MS) / 1_000);
    credentials.stop();
    await start(await old.material(NODE, around(NOW, 48)));
    expect(ports.gauges.get(GAUGE)).toBe((NOW.getTime() + 5 * 3_600_000) / 1_000);
  });

  test('is announced once a day in its last quarter, and every hour when it is over', async () => {
    await start(await authority.material(NODE, around(NOW, 8 * 24)));
    const look = async (times: number): Promise<number> => {
      for (let hour = 0; hour < times; hour++) {
        await clock.advance(3_600_000);
        await credentials.reload();
      }
      return warnings().length;
    };
    expect(await look(5 * 24)).toBe(0);
    expect(await look(2 * 24)).toBe(2);
    expect(warnings().at(-1)).toMatch(/expires soon/);
    expect(await look(30)).toBe(2 + 7);
    expect(warnings().at(-1)).toMatch(/has expired/);
  });
});

test('without a certificate of its own a process only knows whom to trust', async () => {
  write({ authorities: first.authorities });
  const { log, metrics } = ports;
  const files = { authorities: join(directory, 'authorities') };
  const trust = new CredentialFiles<Pick<KeyMaterial, 'authorities'>>({ files, use: 'etcd', clock, log, metrics });
  await trust.start();
  expect(trust.current()).toEqual({ authorities: first.authorities });
  trust.stop();
  await start(first);
});
