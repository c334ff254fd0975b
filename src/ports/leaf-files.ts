import type { LeafTerm } from '../core/certificates/renewal.ts';
import type { CertifiedKey } from './certifier.ts';

/** The certificate of this process, in files from which everything else reads it. Every method rejects with OpError. */
export interface LeafFiles {
  /** Undefined where there is none, or one that is of no use to this process. */
  term(): Promise<LeafTerm | undefined>;
  /** Rejects, and leaves everything as it was, where it is of no use to this process. */
  write(pair: CertifiedKey): Promise<void>;
}

/** Whom this process trusts, in a file like those. */
export interface TrustFile {
  /** Empty where there is none. */
  authorities(): Promise<string>;
  /** Rejects with OpError. */
  trust(authorities: string): Promise<void>;
}
