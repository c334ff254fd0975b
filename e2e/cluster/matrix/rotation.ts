/** Another authority, and every certificate of the cluster by it, as somebody asks for who fears for a key. */
import { X509Certificate } from 'node:crypto';
import { PUBLISHED_MS } from '../../../src/core/certificates/authority-book.ts';
import type { Client } from '../client.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { NAMESPACE } from '../release.ts';
import { AUTHORITY_SECRET, authorityBook, keepBook, processIdentities, seldom } from './certificates.ts';

/** A controller looks once a minute; kubelets take two until a pod sees what is new. */
const PUBLISHED_WITHIN_MS = 240_000;
/** All members of etcd are replaced before, one after the other. */
const PROMOTED_WITHIN_MS = 420_000;
/** Renewals are spread over ten minutes. */
const RENEWED_WITHIN_MS = 720_000;

/** Resolves when the certificate of every agent and controller is of the new authority. Quarter of an hour. */
export async function replaceAuthority(kube: KubeCluster): Promise<void> {
  const { client } = kube;
  const count = processIdentities(kube).length;
  await client.kubectl(['-n', NAMESPACE, 'annotate', 'secret', AUTHORITY_SECRET, 'vippool.io/rotate=']);
  const next = await seldom('the next authority', async () => (await authorityBook(client)).next, PUBLISHED_WITHIN_MS);
  const isTrusted = (): boolean =>
    processIdentities(kube).every(({ trusted }) => trusted.includes(next.certificate.trim()));
  await seldom('everybody to trust it', isTrusted, PUBLISHED_WITHIN_MS);
  await passAnHour(client);
  const isIssuer = async (): Promise<boolean> => (await authorityBook(client)).issuer.certificate === next.certificate;
  await seldom('it to certify', isIssuer, PROMOTED_WITHIN_MS);
  const authority = new X509Certificate(next.certificate);
  const isRenewed = (): boolean => {
    const all = processIdentities(kube);
    return all.length >= count && all.every(({ leaf }) => leaf.verify(authority.publicKey));
  };
  await seldom('every certificate to be of it', isRenewed, RENEWED_WITHIN_MS);
}

/** By the book: nobody else reads when the next authority was made. */
async function passAnHour(client: Client): Promise<void> {
  const { next, ...rest } = await authorityBook(client);
  if (!next) throw new Error('the next authority is gone');
  await keepBook(client, { ...rest, next: { ...next, publishedAtMs: next.publishedAtMs - PUBLISHED_MS } });
}
