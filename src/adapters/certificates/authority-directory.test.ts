import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identityIn, nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import { AuthorityDirectory } from './authority-directory.ts';

const TERM = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const IDENTITY = nodeIdentity(nodeName('node-a'));
const SUBJECT = { name: 'node-a', identity: IDENTITY };

let root: string;
let authority: AuthorityDirectory;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vippool-authority-'));
  authority = new AuthorityDirectory(join(root, 'pki'));
});
afterEach(() => rmSync(root, { recursive: true }));

const text = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const trusted = (directory: string): X509Certificate[] =>
  (text(directory, 'ca.crt').match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
const issued = async (directory = 'node-a'): Promise<X509Certificate> => {
  await authority.issue(SUBJECT, TERM, join(root, directory));
  return new X509Certificate(text(directory, 'tls.crt'));
};
const certifiedBy = (leaf: X509Certificate, list: readonly X509Certificate[]): readonly boolean[] =>
  list.map(({ publicKey }) => leaf.verify(publicKey));

describe('a new authority', () => {
  beforeEach(() => authority.init(TERM));

  test('keeps its files to itself', () => {
    expect(readdirSync(join(root, 'pki'))).toEqual(['ca.crt', 'ca.key']);
    const modes = ['pki', 'pki/ca.crt', 'pki/ca.key'].map((path) => statSync(join(root, path)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  test('is not put in the place of another one', async () => {
    const before = text('pki', 'ca.key');
    await expect(authority.init(TERM)).rejects.toMatchObject({ code: 'Conflict', retryable: false });
    expect(text('pki', 'ca.key')).toBe(before);
  });

  test('certifies, into files that their owner alone can read', async () => {
    const leaf = await issued();
    expect(identityIn(leaf.subjectAltName ?? '')).toBe(IDENTITY);
    expect(certifiedBy(leaf, trusted('node-a'))).toEqual([true]);
    expect(readdirSync(join(root, 'node-a'))).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(statSync(join(root, 'node-a/tls.key')).mode & 0o777).toBe(0o600);
  });

  test('certifies the same anew, with another key', async () => {
    await issued();
    const key = text('node-a', 'tls.key');
    await issued();
    expect(text('node-a', 'tls.key')).not.toBe(key);
  });
});

test('an authority is replaced in steps: both are trusted, the new one certifies, the old one goes', async () => {
  await authority.init(TERM);
  const old = await issued();
  await authority.replace(TERM);
  expect(certifiedBy(old, trusted('pki'))).toEqual([false, true]);
  const leaf = await issued();
  expect(certifiedBy(leaf, trusted('node-a'))).toEqual([true, false]);
  expect(await authority.retire()).toBe(1);
  expect(certifiedBy(leaf, trusted('pki'))).toEqual([true]);
  expect(await authority.retire()).toBe(0);
  expect(certifiedBy(await issued(), trusted('node-a'))).toEqual([true]);
});

describe('what is wrong is said', () => {
  test('no authority', async () => {
    await expect(issued()).rejects.toMatchObject({ code: 'NotFound', message: expect.stringContaining('"init"') });
  });

  test('a broken file', async () => {
    await authority.init(TERM);
    writeFileSync(join(root, 'pki/ca.crt'), 'nothing');
    await expect(issued()).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('a directory that cannot be written', async () => {
    writeFileSync(join(root, 'file'), '');
    const blocked = new AuthorityDirectory(join(root, 'file/pki'));
    await expect(blocked.init(TERM)).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
