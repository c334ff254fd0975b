import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Authority } from '../../core/certificates/authority-book.ts';
import { identityIn, nodeIdentity } from '../../core/identity.ts';
import { nodeName } from '../../core/ids.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { newRequest } from './certificate-request.ts';
import { X509Certifier } from './x509-certifier.ts';

const DAY_MS = 86_400_000;
const NODE = nodeIdentity(nodeName('node-a'));
const HOLDER = { name: 'node-a', identity: NODE };
const clock = new VirtualClock();
const NOW = clock.wallNow().getTime();
const certifier = new X509Certifier(clock);

let authority: Authority;
beforeAll(async () => {
  authority = await certifier.createAuthority(NOW + 700 * DAY_MS);
});

test('an authority says when it ends', () => {
  expect(authority.untilMs).toBe(NOW + 700 * DAY_MS);
  expect(new X509Certificate(authority.certificate).ca).toBe(true);
});

test('what it issues is known by its authority, its place among the trusted, and its holder', async () => {
  const other = await certifier.createAuthority(NOW + DAY_MS);
  const pair = await certifier.issue(authority, { ...HOLDER, hosts: ['etcd-0.etcd'] }, NOW + 14 * DAY_MS);
  const termOf = (trusted: string, holder = HOLDER): unknown => certifier.termOf(pair, holder, trusted);
  const term = { fromMs: NOW - 3_600_000, untilMs: NOW + 14 * DAY_MS };
  expect(termOf(authority.certificate + other.certificate)).toEqual({ ...term, authority: 'first' });
  expect(termOf(other.certificate + authority.certificate)).toEqual({ ...term, authority: 'other' });
  expect(termOf(other.certificate)).toEqual({ ...term, authority: 'none' });
  expect(termOf(authority.certificate, { name: '', identity: nodeIdentity(nodeName('node-b')) })).toBeUndefined();
  const hosts = (...names: string[]): unknown =>
    certifier.termOf(pair, { ...HOLDER, hosts: names }, authority.certificate);
  expect([hosts('etcd-0.etcd') !== undefined, hosts('etcd-0.etcd', 'etcd-1.etcd')]).toEqual([true, undefined]);
  expect(
    certifier.termOf({ ...pair, privateKey: authority.privateKey }, HOLDER, authority.certificate),
  ).toBeUndefined();
  expect(certifier.termOf({ ...pair, certificate: '' }, HOLDER, '')).toBeUndefined();
});

describe('a request', () => {
  test('is certified for the holder that is told, whatever else it says', async () => {
    const { privateKey, request } = await newRequest({ ...HOLDER, identity: nodeIdentity(nodeName('node-b')) });
    const certificate = await certifier.certify(authority, request, HOLDER, NOW + DAY_MS);
    const leaf = new X509Certificate(certificate);
    expect([identityIn(leaf.subjectAltName ?? ''), leaf.subject, leaf.ca]).toEqual([NODE, 'CN=node-a', false]);
    expect(certifier.termOf({ certificate, privateKey }, HOLDER, authority.certificate)?.authority).toBe('first');
  });

  test('tells whom it asks to be, and its key', async () => {
    const [one, two] = [await newRequest(HOLDER), await newRequest(HOLDER)];
    const [first, again, second] = await Promise.all([one, one, two].map(({ request }) => certifier.check(request)));
    expect(first?.identity).toBe(NODE);
    expect(first?.key).toBe(again?.key);
    expect(first?.key).not.toBe(second?.key);
  });

  test.each([
    ['no name', { name: 'x' }],
    ['two names', { name: 'x', identity: NODE, hosts: ['a'] }],
    ['a host', { name: 'x', hosts: ['a'] }],
  ])('asks to be nobody with %s', async (_, holder) => {
    expect((await certifier.check((await newRequest(holder)).request)).identity).toBeUndefined();
  });

  test('without the key that it is about is refused', async () => {
    const { request } = await newRequest(HOLDER);
    const forged = Uint8Array.from(request);
    const last = forged.length - 1;
    forged[last] = (forged[last] ?? 0) ^ 1;
    await expect(certifier.check(forged)).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['noise', Uint8Array.from({ length: 300 }, (_, index) => (index * 37) % 256)],
    ['deep nesting', Uint8Array.from({ length: 8_000 }, (_, index) => (index % 2 === 0 ? 0x30 : 0x80))],
  ])('of %s is refused', async (_, request) => {
    await expect(certifier.check(request)).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
