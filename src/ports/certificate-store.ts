/**
 * What a cluster keeps of its certificates: "authority" the authorities with their keys, "trust" what everybody may know
 * of them, "etcd" the certificate of etcd's members.
 */
export type Kept = 'authority' | 'trust' | 'etcd';

/** One kept object at one time. */
export interface KeptTexts {
  readonly texts: Readonly<Record<string, string>>;
  /** For `write`: that nothing was changed since. */
  readonly version: string;
  /** Somebody wants another authority. */
  readonly isAsked: boolean;
}

/** The same for all controllers. Every method rejects with OpError where the store is away or says no. */
export interface CertificateStore {
  /** Makes it, without texts, where it is missing. */
  read(what: Kept): Promise<KeptTexts>;
  /** Replaces texts and takes back what was asked for. False: it was changed since, and is as it was. */
  write(what: Kept, texts: Readonly<Record<string, string>>, version: string): Promise<boolean>;
}
