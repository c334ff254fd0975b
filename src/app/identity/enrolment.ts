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

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports;
  }

  async obtain(): Promise<CertifiedKey> {
    const { link, token, newRequest } = this.#ports;
    const { privateKey, request } = await newRequest();
    return { privateKey, certificate: await link.sign({ token: await token(), request }) };
  }
}
