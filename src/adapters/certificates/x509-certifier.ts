import { X509Certificate } from 'node:crypto';
import type { Authority } from '../../core/certificates/authority-book.ts';
import { BACKDATED_MS, type LeafTerm } from '../../core/certificates/renewal.ts';
import type { CertifiedKey, Certifier, CheckedRequest, Holder } from '../../ports/certifier.ts';
import type { Clock } from '../../ports/clock.ts';
import { certify, createAuthority, issue, pemOf, type Validity } from './authority.ts';
import { readRequest } from './certificate-request.ts';
import { leafTermOf } from './leaf-term.ts';

/** X.509 certificates of P-256 keys. */
export class X509Certifier implements Certifier {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async createAuthority(untilMs: number): Promise<Authority> {
    const pair = await createAuthority(this.#until(untilMs));
    return { ...pair, untilMs: new X509Certificate(pair.certificate).validToDate.getTime() };
  }

  issue(authority: Authority, holder: Holder, untilMs: number): Promise<CertifiedKey> {
    return issue(authority, holder, this.#until(untilMs));
  }

  async check(request: Uint8Array): Promise<CheckedRequest> {
    return (await readRequest(request)).checked;
  }

  async certify(authority: Authority, der: Uint8Array, holder: Holder, untilMs: number): Promise<string> {
    const { request } = await readRequest(der);
    return pemOf(await certify(authority, request.publicKey, holder, this.#until(untilMs)));
  }

  termOf(pair: CertifiedKey, holder: Holder, authorities: string): LeafTerm | undefined {
    return leafTermOf(pair, holder, authorities);
  }

  #until(untilMs: number): Validity {
    const now = this.#clock.wallNow().getTime();
    return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(untilMs) };
  }
}
