import type { ControllerId, NodeName } from './ids.ts';

/** Whom a certificate speaks for: a URI among its subject alternative names, as SPIFFE writes identities. */
export type Identity = string & { readonly __brand: 'Identity' };

const TRUST_DOMAIN = 'spiffe://vippool/';
const IDENTITY = /^spiffe:\/\/vippool\/(node|controller)\/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** "spiffe://vippool/node/worker-1" */
export const nodeIdentity = (node: NodeName): Identity => `${TRUST_DOMAIN}node/${node}` as Identity;

/** "spiffe://vippool/controller/c1" */
export const controllerIdentity = (controller: ControllerId): Identity =>
  `${TRUST_DOMAIN}controller/${controller}` as Identity;

/** Whether an identity made of a name that somebody else chose is one. */
export const isIdentity = (text: string): boolean => IDENTITY.test(text);

export const isNodeIdentity = (identity: Identity): boolean => identity.startsWith(`${TRUST_DOMAIN}node/`);

/** "URI:spiffe://…", "DNS:a.example" or, where the value could be taken for several names, "DNS:\"a, b\"". */
const ENTRY = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

/**
 * The identity in the subject alternative names of a certificate, in the text form of OpenSSL and Node.js. Undefined
 * where there is none, more than one, or a text that this function does not understand to its end.
 */
export function identityIn(subjectAltName: string): Identity | undefined {
  const found: string[] = [];
  let end = 0;
  while (end < subjectAltName.length) {
    ENTRY.lastIndex = end;
    const entry = ENTRY.exec(subjectAltName);
    if (!entry) return undefined;
    const [whole, type = '', value = ''] = entry;
    end += whole.length;
    if (type === 'URI' && value.startsWith(TRUST_DOMAIN)) found.push(value);
  }
  const [identity] = found;
  return found.length === 1 && identity !== undefined && IDENTITY.test(identity) ? (identity as Identity) : undefined;
}
