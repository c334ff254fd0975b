import type { Authority } from '../core/certificates/authority-book.ts';
import type { LeafTerm } from '../core/certificates/renewal.ts';
import type { Identity } from '../core/identity.ts';

/** A certificate with its key, both PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Whom a certificate is for. */
export interface Holder {
  /** For people. */
  readonly name: string;
  /** Whom it speaks for; undefined: for nobody. */
  readonly identity?: Identity | undefined;
  /** Names under which others look for the holder. */
  readonly hosts?: readonly string[] | undefined;
}

/** What somebody wants to be certified; that he has the key is proven. */
export interface CheckedRequest {
  /** Text that is another one for every public key. */
  readonly key: string;
  /** Whom it asks to speak for; undefined: it does not say, or not clearly. */
  readonly identity: Identity | undefined;
}

/** Makes certificates and reads them. Times are wall clock, in ms since 1970. */
export interface Certifier {
  createAuthority(untilMs: number): Promise<Authority>;
  /** With a new key. */
  issue(authority: Authority, holder: Holder, untilMs: number): Promise<CertifiedKey>;
  /** Rejects with OpError InvalidInput where the PKCS #10 request is no good. */
  check(request: Uint8Array): Promise<CheckedRequest>;
  /** Certifies the key of a request, and of all that it says only that. Returns PEM. */
  certify(authority: Authority, request: Uint8Array, holder: Holder, untilMs: number): Promise<string>;
  /** Undefined where the certificate cannot be read, has another key, or is not for this holder. */
  termOf(pair: CertifiedKey, holder: Holder, authorities: string): LeafTerm | undefined;
}
