import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';
import type { KubeApiserver } from '../../src/testing/servers/kube-apiserver.ts';

export interface Answer {
  /** HTTP status. */
  readonly code: number;
  // The API answers with whatever object was asked for; tests look into it as they need.
  readonly body: unknown;
}

const CRDS = join(import.meta.dirname, '../../crds');

/** What an API object refers itself to by. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Where objects of our kinds live. */
export const collectionOf = ({ kind }: Pick<ApiObject, 'kind'>): string =>
  `/apis/vippool.io/v1alpha1/${kind.toLowerCase()}s`;

/** The few calls that the tests of the manifests need, as kubectl makes them. */
export class ApiClient {
  readonly #server: KubeApiserver;
  readonly #agent: Agent;

  constructor(server: KubeApiserver) {
    this.#server = server;
    this.#agent = new Agent({ connect: { ca: server.ca } });
  }

  async call(
    method: string,
    path: string,
    options: { body?: unknown; type?: string; accept?: string } = {},
  ): Promise<Answer> {
    const response = await fetch(this.#server.url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#server.token}`,
        accept: options.accept ?? 'application/json',
        'content-type': options.type ?? 'application/json',
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    return { code: response.status, body: await response.json() };
  }

  /** `kubectl apply --server-side`: unknown fields are errors. */
  apply(path: string, body: unknown): Promise<Answer> {
    const query = 'fieldManager=test&force=true&fieldValidation=Strict';
    return this.call('PATCH', `${path}?${query}`, { body, type: 'application/apply-patch+yaml' });
  }

  /** `kubectl create`, and the first `kubectl apply`: unknown fields are errors. */
  create(path: string, body: unknown): Promise<Answer> {
    return this.call('POST', `${path}?fieldValidation=Strict`, { body });
  }

  applyObject(object: ApiObject & { readonly spec?: unknown }): Promise<Answer> {
    return this.apply(`${collectionOf(object)}/${object.metadata.name}`, object);
  }

  /** Applies the CRDs of the project and waits until they are served. */
  async installCrds(): Promise<void> {
    for (const file of readdirSync(CRDS)) {
      const crd = parse(readFileSync(join(CRDS, file), 'utf8')) as ApiObject;
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
      const applied = await this.apply(path, crd);
      if (applied.code >= 300) throw new Error(JSON.stringify(applied.body));
      while (!isEstablished((await this.call('GET', path)).body)) await sleep(50);
    }
    // Established is announced a moment before the paths answer.
    for (const kind of ['VipPool', 'NodeHealth', 'VipTask']) {
      while ((await this.call('GET', collectionOf({ kind }))).code !== 200) await sleep(50);
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

function isEstablished(crd: unknown): boolean {
  const { status } = crd as { status?: { conditions?: readonly { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
