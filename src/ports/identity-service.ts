import type { CertifiedKey } from './certifier.ts';

/** What an agent sends for a certificate. */
export interface SignRequest {
  readonly token: string;
  /** PKCS #10, DER. */
  readonly request: Uint8Array;
}

export type SignAnswer =
  /** PEM. */
  | { readonly kind: 'certified'; readonly certificate: string }
  /** The same request will not succeed. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** It may, later. */
  | { readonly kind: 'busy' | 'unavailable'; readonly detail: string };

/** The controller's side. */
export interface IdentityServer {
  /** Rejects with OpError where the address cannot be bound. `sign` never rejects. */
  start(sign: (request: SignRequest) => Promise<SignAnswer>): Promise<void>;
  stop(): Promise<void>;
}

/** Where a process gets the next certificate for itself. Rejects with OpError. */
export interface LeafSource {
  obtain(): Promise<CertifiedKey>;
}

/** The agent's side. */
export interface IdentityLink {
  /** Asks one controller after the other. Returns PEM; rejects with OpError where none of them certifies. */
  sign(request: SignRequest): Promise<string>;
}
