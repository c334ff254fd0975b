import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import { around, over, TestAuthority } from '../../testing/certificates.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { IdentityFiles } from './identity-files.ts';

const NODE = nodeIdentity(nodeName('node-a'));
const clock = new VirtualClock();
const NOW = clock.wallNow();

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(async () => {
  authority = await TestAuthority.create(around(NOW, 10_000));
  stranger = await TestAuthority.create(around(NOW, 10_000));
});

let root: string;
let files: IdentityFiles;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vippool-identity-'));
  const path = (name: string): string => join(root, 'tls', name);
  const paths = { certificate: path('tls.crt'), privateKey: path('tls.key'), authorities: path('ca.crt') };
  files = new IdentityFiles({ ...paths, holder: { name: 'node-a', identity: NODE }, clock });
});
afterEach(() => rmSync(root, { recursive: true }));

test('there is nothing at first', async () => {
  expect(await files.term()).toBeUndefined();
  expect(await files.authorities()).toBe('');
});

test('what is written is read, and readable by its owner alone', async () => {
  await files.trust(authority.pair.certificate);
  await files.write(await authority.material(NODE, around(NOW)));
  expect(await files.term()).toMatchObject({ authority: 'first', untilMs: NOW.getTime() + 24 * 3_600_000 });
  expect(await files.authorities()).toBe(authority.pair.certificate);
  const modes = readdirSync(join(root, 'tls')).map((name) => [name, statSync(join(root, 'tls', name)).mode & 0o777]);
  expect(modes).toEqual([
    ['ca.crt', 0o600],
    ['tls.crt', 0o600],
    ['tls.key', 0o600],
  ]);
  expect(statSync(join(root, 'tls')).mode & 0o777).toBe(0o700);
});

test('what is of no use is not written, and says why', async () => {
  await files.trust(authority.pair.certificate);
  await files.write(await authority.material(NODE, around(NOW)));
  const before = readFileSync(join(root, 'tls/tls.crt'), 'utf8');
  const useless: [ReturnType<TestAuthority['material']>, RegExp][] = [
    [stranger.material(NODE, around(NOW)), /authority that is not in .*ca\.crt/],
    [authority.material(nodeIdentity(nodeName('node-b')), around(NOW)), /of no use to spiffe:.*node-a/],
    [authority.material(NODE, over(NOW)), /wall clock/],
  ];
  for (const [pair, message] of useless) {
    await expect(files.write(await pair)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  }
  expect(readFileSync(join(root, 'tls/tls.crt'), 'utf8')).toBe(before);
});

test('a key without its certificate counts as none', async () => {
  await files.trust(authority.pair.certificate);
  await files.write(await authority.material(NODE, around(NOW)));
  writeFileSync(join(root, 'tls/tls.key'), (await authority.material(NODE, around(NOW))).privateKey);
  expect(await files.term()).toBeUndefined();
});
