import type { Authority } from '../core/certificates/authority-book.ts';
import { BACKDATED_MS, type LeafTerm } from '../core/certificates/renewal.ts';
import type { Identity } from '../core/identity.ts';
import { OpError } from '../core/op-error.ts';
import type { CertifiedKey, Certifier, CheckedRequest, Holder } from '../ports/certifier.ts';
import type { Clock } from '../ports/clock.ts';

interface Paper {
  readonly by: string;
  readonly for: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

const holderText = ({ identity, name, hosts = [] }: Holder): string => [identity ?? name, ...hosts].join(' ');

/** Certificates without mathematics, one line each, for tests of those who keep and renew them. */
export class PaperCertifier implements Certifier {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  createAuthority(untilMs: number): Promise<Authority> {
    const name = `authority-${++this.#count}`;
    return Promise.resolve({ certificate: `${name}\n`, privateKey: `key of ${name}`, untilMs });
  }

  issue(authority: Authority, holder: Holder, untilMs: number): Promise<CertifiedKey> {
    const privateKey = `key ${++this.#count}`;
    return Promise.resolve({ certificate: this.#paper(authority, holder, untilMs), privateKey });
  }

  check(request: Uint8Array): Promise<CheckedRequest> {
    const [key, identity, ...more] = Buffer.from(request).toString().split(' ');
    if (key === undefined || key === '' || more.length > 0) {
      return Promise.reject(new OpError('InvalidInput', 'the certificate request is no good'));
    }
    return Promise.resolve({ key, identity: identity as Identity | undefined });
  }

  certify(authority: Authority, _request: Uint8Array, holder: Holder, untilMs: number): Promise<string> {
    return Promise.resolve(this.#paper(authority, holder, untilMs));
  }

  termOf({ certificate }: CertifiedKey, holder: Holder, authorities: string): LeafTerm | undefined {
    if (certificate === '') return undefined;
    const paper = JSON.parse(certificate) as Paper;
    if (paper.for !== holderText(holder)) return undefined;
    const at = authorities.split('\n').indexOf(paper.by);
    return { ...paper, authority: at === 0 ? 'first' : at > 0 ? 'other' : 'none' };
  }

  #paper(authority: Authority, holder: Holder, untilMs: number): string {
    const by = authority.certificate.trim();
    const fromMs = this.#clock.wallNow().getTime() - BACKDATED_MS;
    return JSON.stringify({ by, for: holderText(holder), fromMs, untilMs: Math.min(untilMs, authority.untilMs) });
  }
}
