import { isIdentity, nodeIdentity } from '../identity.ts';
import { type NodeName, nodeName } from '../ids.ts';

/** Of the tokens with which agents ask for certificates: the API server itself accepts none of them. */
export const TOKEN_AUDIENCE = 'vippool';

/** What the API server says about a token. */
export interface TokenReview {
  readonly isAuthenticated: boolean;
  /** Those that were asked for and that the token is meant for. */
  readonly audiences: readonly string[];
  /** "system:serviceaccount:NAMESPACE:NAME" */
  readonly username: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
  /** Why not, where it is not authenticated. */
  readonly error: string;
}

/** Whose pods are agents. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

export type TokenVerdict =
  /** `credential` is another one for every token; undefined where the API server gives none. */
  | { readonly ok: true; readonly node: NodeName; readonly credential: string | undefined }
  | { readonly ok: false; readonly detail: string };

const NODE_NAME = 'authentication.kubernetes.io/node-name';
const POD_NAME = 'authentication.kubernetes.io/pod-name';
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/** The node on which the pod runs that the token was made for. */
export function nodeOfToken(review: TokenReview, account: ServiceAccount): TokenVerdict {
  const refused = (detail: string): TokenVerdict => ({ ok: false, detail });
  const { username, extra } = review;
  if (!review.isAuthenticated) return refused(`the API server does not accept the token: ${review.error}`);
  // An API server that knows nothing of audiences accepts a token that is meant for anything.
  if (!review.audiences.includes(TOKEN_AUDIENCE)) return refused(`the token is not for the audience ${TOKEN_AUDIENCE}`);
  const expected = `system:serviceaccount:${account.namespace}:${account.name}`;
  if (username !== expected) return refused(`the token is that of ${username}, not of ${expected}`);
  const [node, ...others] = extra[NODE_NAME] ?? [];
  if (node === undefined || others.length > 0 || extra[POD_NAME]?.length !== 1) {
    return refused('the token is bound to no pod on a node; it takes Kubernetes 1.31 and a projected volume');
  }
  if (!isIdentity(nodeIdentity(nodeName(node)))) return refused('the token names a node that cannot be one');
  const [credential] = extra[CREDENTIAL_ID] ?? [];
  return { ok: true, node: nodeName(node), credential };
}
