// Before the library, which looks for it while it is loaded.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { CertifiedKey, Holder } from '../../ports/certifier.ts';

/** From when until when a certificate is good. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** P-256: small, fast, and known to everything that may have to read the files. */
export const KEY = { name: 'ECDSA', namedCurve: 'P-256' };
/** For people; what counts is the URI, which has room for the whole name. */
export const MAX_COMMON_NAME = 64;
export const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };

/** A new authority that certifies leaves only. Its name is unlike that of every other one, so that two can be told apart. */
export async function createAuthority(validity: Validity): Promise<CertifiedKey> {
  const keys = await newKeys();
  const keyIdentifier = await SubjectKeyIdentifierExtension.create(keys.publicKey);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=vippool authority ${keyIdentifier.keyId.slice(0, 16)}`,
    ...validity,
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      keyIdentifier,
    ],
  });
  return pairOf(certificate, keys.privateKey);
}

/**
 * A certificate for a client and a server, with a new key. It never outlives its authority:
 * a certificate that does looks good in every list of expiry dates and is refused all the same.
 */
export async function issue(authority: CertifiedKey, holder: Holder, validity: Validity): Promise<CertifiedKey> {
  const keys = await newKeys();
  return pairOf(await certify(authority, keys.publicKey, holder, validity), keys.privateKey);
}

/** The same for a key that somebody else has. */
export async function certify(
  authority: CertifiedKey,
  publicKey: webcrypto.CryptoKey | PublicKey,
  holder: Holder,
  validity: Validity,
): Promise<X509Certificate> {
  const issuer = new X509Certificate(authority.certificate);
  return X509CertificateGenerator.create({
    subject: [{ CN: [holder.name.slice(0, MAX_COMMON_NAME)] }],
    issuer: issuer.subject,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter < issuer.notAfter ? validity.notAfter : issuer.notAfter,
    publicKey,
    signingKey: await importKey(authority.privateKey),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(alternativeNames(holder)),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
}

export function alternativeNames({ identity, hosts = [] }: Holder): JsonGeneralName[] {
  const own: JsonGeneralName[] = identity === undefined ? [] : [{ type: 'url', value: identity }];
  return [...own, ...hosts.map((host): JsonGeneralName => ({ type: isIP(host) ? 'ip' : 'dns', value: host }))];
}

async function pairOf(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<CertifiedKey> {
  return { certificate: pemOf(certificate), privateKey: await pemOfKey(privateKey) };
}

export const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;

/** PKCS #8. */
export async function pemOfKey(privateKey: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey);
  return `${PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)}\n`;
}

export const newKeys = (): Promise<webcrypto.CryptoKeyPair> => crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), KEY, false, ['sign']);
}
