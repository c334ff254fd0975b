import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type Identity, identityIn } from '../../core/identity.ts';
import { OpError } from '../../core/op-error.ts';
import type { KeyMaterial } from '../../ports/credentials.ts';
import { errorText } from '../../core/error-text.ts';

/** From when until when a certificate is good, together with the ones that it depends on. */
export interface Term {
  readonly from: Date;
  readonly until: Date;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** Longest way from a certificate to its authority, both included. */
const MAX_CHAIN = 6;

/**
 * Everything about key material that can be known without the other side. Whether its term is now is left to the caller.
 * @param identity whom it must speak for; then its authority must be among the ones given, because everybody has the same
 * @returns undefined where there is no certificate
 * @throws OpError InvalidInput that says what is wrong
 */
export function termOf(material: Partial<KeyMaterial>, identity: Identity | undefined): Term | undefined {
  const authorities = material.authorities === undefined ? [] : certificatesIn(material.authorities, 'authorities');
  let term: Term | undefined;
  if (material.certificate !== undefined) {
    const [own, ...chain] = certificatesIn(material.certificate, 'certificate');
    if (!own) throw invalid('the certificate file is empty');
    checkKey(own, material.privateKey ?? '');
    if (identity !== undefined) checkIdentity(own, identity);
    term = span(identity === undefined ? [own] : wayToAuthority(own, chain, authorities));
  }
  const { certificate: cert, privateKey: key, authorities: ca } = material;
  attempt('the TLS library does not take the files', () => createSecureContext({ cert, key, ca }));
  return term;
}

function certificatesIn(pem: string, what: string): readonly X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw invalid(`the file of the ${what} contains no PEM certificate`);
  return blocks.map((block) =>
    attempt(`the file of the ${what} contains a broken certificate`, () => new X509Certificate(block)),
  );
}

function checkKey(own: X509Certificate, pem: string): void {
  const key = attempt('the private key is unreadable', () => createPrivateKey(pem));
  if (!own.checkPrivateKey(key)) throw invalid('the private key is not the one of the certificate');
}

function checkIdentity(own: X509Certificate, identity: Identity): void {
  const found = identityIn(own.subjectAltName ?? '');
  if (found === identity) return;
  const names = own.subjectAltName ?? 'nothing';
  throw invalid(
    `the certificate speaks for ${found ?? names}, not for ${identity}; issue one with the URI ${identity}`,
  );
}

/** The certificate and what certified it, up to an authority that is trusted. */
function wayToAuthority(
  own: X509Certificate,
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] {
  const way = [own];
  while (way.length < MAX_CHAIN) {
    const last = way.at(-1) ?? own;
    const authority = authorities.find((candidate) => isIssuer(candidate, last));
    if (authority) return [...way, authority];
    const next = chain.find((candidate) => isIssuer(candidate, last) && !way.includes(candidate));
    if (!next) break;
    way.push(next);
  }
  throw invalid('no authority in the file of the authorities has certified the certificate');
}

const isIssuer = (issuer: X509Certificate, issued: X509Certificate): boolean =>
  issued.checkIssued(issuer) && issued.verify(issuer.publicKey);

const span = (way: readonly X509Certificate[]): Term => ({
  from: new Date(Math.max(...way.map(({ validFromDate }) => validFromDate.getTime()))),
  until: new Date(Math.min(...way.map(({ validToDate }) => validToDate.getTime()))),
});

function attempt<T>(failure: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw invalid(`${failure}: ${errorText(error)}`);
  }
}

const invalid = (message: string): OpError => new OpError('InvalidInput', message);
