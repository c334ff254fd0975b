import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { LeafTerm } from '../../core/certificates/renewal.ts';
import { identityIn } from '../../core/identity.ts';
import type { CertifiedKey, Holder } from '../../ports/certifier.ts';
import { PEM_CERTIFICATE } from './files.ts';

/**
 * From when until when a certificate is good for this holder.
 * @param authorities PEM text of those that are trusted, the one that certifies first
 * @returns undefined where it is of no use: unreadable, with another key, or for somebody else
 */
export function leafTermOf(pair: CertifiedKey, holder: Holder, authorities: string): LeafTerm | undefined {
  try {
    const leaf = new X509Certificate(pair.certificate);
    if (!leaf.checkPrivateKey(createPrivateKey(pair.privateKey)) || !isFor(leaf, holder)) return undefined;
    const trusted = (authorities.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
    const at = trusted.findIndex((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
    const endMs = trusted[at]?.validToDate.getTime() ?? Number.POSITIVE_INFINITY;
    return {
      fromMs: leaf.validFromDate.getTime(),
      untilMs: Math.min(leaf.validToDate.getTime(), endMs),
      authority: at === 0 ? 'first' : at > 0 ? 'other' : 'none',
    };
  } catch {
    // Whatever is wrong with it, another one takes its place.
    return undefined;
  }
}

function isFor(leaf: X509Certificate, { identity, hosts = [] }: Holder): boolean {
  const names = leaf.subjectAltName ?? '';
  return identityIn(names) === identity && hosts.every((host) => names.split(', ').includes(`DNS:${host}`));
}
