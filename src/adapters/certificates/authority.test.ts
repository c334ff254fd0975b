import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { controllerIdentity, identityIn, nodeIdentity } from '../../core/identity.ts';
import { controllerId, nodeName } from '../../core/ids.ts';
import type { CertifiedKey } from '../../ports/certifier.ts';
import { createAuthority, issue } from './authority.ts';

const YEAR = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const MONTH = { notBefore: new Date('2026-02-01T00:00:00Z'), notAfter: new Date('2026-03-01T00:00:00Z') };
const NODE = nodeIdentity(nodeName('node-a'));
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const read = ({ certificate }: CertifiedKey): X509Certificate => new X509Certificate(certificate);

describe('an authority', () => {
  let authority: CertifiedKey;
  beforeAll(async () => {
    authority = await createAuthority(YEAR);
  });

  test('is one, for as long as it was told', () => {
    const certificate = read(authority);
    expect(certificate.ca).toBe(true);
    expect(certificate.validToDate).toEqual(YEAR.notAfter);
    expect(certificate.checkPrivateKey(createPrivateKey(authority.privateKey))).toBe(true);
  });

  test('has a name of its own', async () => {
    expect(read(await createAuthority(YEAR)).subject).not.toBe(read(authority).subject);
  });

  test('certifies whom a key speaks for, as client and as server', async () => {
    const leaf = await issue(authority, { name: 'node-a', identity: NODE }, MONTH);
    const certificate = read(leaf);
    expect(identityIn(certificate.subjectAltName ?? '')).toBe(NODE);
    expect(certificate.keyUsage).toEqual([CLIENT_AUTH, SERVER_AUTH]);
    expect(certificate.ca).toBe(false);
    expect([certificate.validFromDate, certificate.validToDate]).toEqual([MONTH.notBefore, MONTH.notAfter]);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.privateKey))).toBe(true);
    expect(certificate.checkIssued(read(authority))).toBe(true);
    expect(certificate.verify(read(authority).publicKey)).toBe(true);
  });

  test('certifies names longer than a common name may be', async () => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
    const long = controllerIdentity(controllerId(name));
    expect(identityIn(read(await issue(authority, { name, identity: long }, MONTH)).subjectAltName ?? '')).toBe(long);
  });

  test('certifies servers that are known by names and addresses, which speak for nobody', async () => {
    const hosts = ['etcd-1.example', '192.0.2.1', '2001:db8::1'];
    const { subjectAltName = '' } = read(await issue(authority, { name: 'etcd', hosts }, MONTH));
    expect(subjectAltName).toBe('DNS:etcd-1.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1');
    expect(identityIn(subjectAltName)).toBeUndefined();
  });

  test('is not outlived by what it certified', async () => {
    const leaf = await issue(
      authority,
      { name: 'node-a', identity: NODE },
      { ...MONTH, notAfter: new Date('2030-01-01T00:00:00Z') },
    );
    expect(read(leaf).validToDate).toEqual(YEAR.notAfter);
  });

  test('that is another one did not certify it', async () => {
    const leaf = await issue(authority, { name: 'node-a', identity: NODE }, MONTH);
    expect(read(leaf).verify(read(await createAuthority(YEAR)).publicKey)).toBe(false);
  });
});
