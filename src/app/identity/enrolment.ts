import type { CertifiedKey } from '../../ports/certifier.ts';
import type { IdentityLink, LeafSource } from '../../ports/identity-service.ts';

export interface EnrolmentPorts {
  readonly link: IdentityLink;
  /** The newest token of the pod. Rejects with OpError. */
  readonly token: () => Promise<string>;
  /** A new key, and the PKCS #10 request to certify it. */
  readonly newRequest: () => Promise<{ readonly privateKey: string; readonly request: Uint8Array }>;
}

/** Certificates by the token of a pod. The key never leaves this host. */
export class Enrolment implements LeafSource {
  readonly #ports: EnrolmentPorts;
  #last: { readonly token: string; readonly privateKey: string; readonly request: Uint8Array } | undefined;

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports;
  }

  async obtain(): Promise<CertifiedKey> {
    const { link, newRequest } = this.#ports;
    const token = await this.#ports.token();
    // A token is good for one key: the answer to an earlier request may have been lost.
    if (this.#last?.token !== token) this.#last = { token, ...(await newRequest()) };
    const { privateKey, request } = this.#last;
    return { privateKey, certificate: await link.sign({ token, request }) };
  }
}
