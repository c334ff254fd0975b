import { createSign } from 'node:crypto';
import type { KubeAuthor } from './kube-author.ts';

export interface TokenWish {
  /** Default "vippool". */
  readonly audience?: string;
  /** Default that of agents. */
  readonly account?: string;
  /** Default true. */
  readonly isBound?: boolean;
}

/** Pods of agents that exist in an API server only, and the tokens that their kubelets would give them. */
export class AgentTokens {
  readonly #author: KubeAuthor;
  readonly #namespace: string;
  readonly account = 'vippool-agent';
  #pods = 0;

  constructor(author: KubeAuthor, namespace: string) {
    this.#author = author;
    this.#namespace = namespace;
  }

  /** Namespace and service accounts. */
  async prepare(): Promise<void> {
    await this.#create('/api/v1/namespaces', { metadata: { name: this.#namespace } });
    for (const name of [this.account, 'another'])
      await this.#create(this.#path('serviceaccounts'), { metadata: { name } });
  }

  /** A token of a new pod on a node. */
  async token(node: string, wish: TokenWish = {}): Promise<string> {
    const { audience = 'vippool', account = this.account, isBound = true } = wish;
    const pod = `agent-${++this.#pods}`;
    const spec = { nodeName: node, serviceAccountName: account, containers: [{ name: 'agent', image: 'none' }] };
    const { metadata } = await this.#create(this.#path('pods'), { metadata: { name: pod }, spec });
    const { uid } = metadata as { uid: string };
    const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod, uid } };
    const body = { spec: { audiences: [audience], expirationSeconds: 600, ...(isBound ? bound : {}) } };
    const { status } = await this.#create(`${this.#path('serviceaccounts')}/${account}/token`, body);
    return (status as { token: string }).token;
  }

  /** Any other pod, whose container was started just now. */
  async runningPod(name: string, startedAt = new Date()): Promise<void> {
    const spec = { nodeName: 'worker-1', containers: [{ name, image: 'none' }] };
    await this.#create(this.#path('pods'), { metadata: { name }, spec });
    const state = { running: { startedAt: startedAt.toISOString() } };
    const status = { containerStatuses: [{ name, image: '', imageID: '', ready: true, restartCount: 0, state }] };
    const path = `${this.#path('pods')}/${name}/status`;
    await this.#author.call('PATCH', path, { status }, 'application/merge-patch+json');
  }

  /** The newest pod, and with it its token, is gone. */
  async deletePod(): Promise<void> {
    await this.#author.call('DELETE', `${this.#path('pods')}/agent-${this.#pods}`, { gracePeriodSeconds: 0 });
  }

  #path(resource: string): string {
    return `/api/v1/namespaces/${this.#namespace}/${resource}`;
  }

  async #create(path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await this.#author.call('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** The same token with other claims, signed by the key of the API server. */
export function resigned(token: string, signingKey: string, change: object): string {
  const [header = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const body = `${header}.${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}`;
  return `${body}.${createSign('RSA-SHA256').update(body).sign(signingKey, 'base64url')}`;
}
