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
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Identity } from '../../core/identity.ts';

/** A certificate with its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  /** PKCS #8. */
  readonly privateKey: string;
}

/** From when until when a certificate is good. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** P-256: small, fast, and known to everything that may have to read the files. */
const KEY = { name: 'ECDSA', namedCurve: 'P-256' };
/** For people; what counts is the URI, which has room for the whole name. */
const MAX_COMMON_NAME = 64;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };

/** A new authority that certifies leaves only. Its name is unlike that of every other one, so that two can be told apart. */
export async function createAuthority(validity: Validity): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
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

/** What a certificate is for. */
export interface Subject {
  /** For people. */
  readonly name: string;
  /** Whom it speaks for among agents and controllers; undefined: for nobody. */
  readonly identity?: Identity | undefined;
  /** Names and addresses under which others look for its holder: for servers like etcd, which are known by them. */
  readonly hosts?: readonly string[] | undefined;
}

/**
 * A certificate for a client and a server, with a new key. It never outlives its authority:
 * a certificate that does looks good in every list of expiry dates and is refused all the same.
 */
export async function issue(authority: KeyPair, subject: Subject, validity: Validity): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await importKey(authority.privateKey);
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [subject.name.slice(0, MAX_COMMON_NAME)] }],
    issuer: issuer.subject,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter < issuer.notAfter ? validity.notAfter : issuer.notAfter,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth, ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(alternativeNames(subject)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return pairOf(certificate, keys.privateKey);
}

function alternativeNames({ identity, hosts = [] }: Subject): JsonGeneralName[] {
  const own: JsonGeneralName[] = identity === undefined ? [] : [{ type: 'url', value: identity }];
  return [...own, ...hosts.map((host): JsonGeneralName => ({ type: isIP(host) ? 'ip' : 'dns', value: host }))];
}

async function pairOf(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<KeyPair> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)}\n`,
  };
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), KEY, false, ['sign']);
}
