import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { KubeApiserver } from './servers/kube-apiserver.ts';

export interface Answer {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
}

interface Listed {
  readonly metadata: { readonly name: string };
}

const GROUP = '/apis/vippool.io/v1alpha1';
const PLURALS = ['vippools', 'nodehealths', 'viptasks'];
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Who writes manifests into an API server, with kubectl or otherwise. */
export class KubeAuthor {
  readonly #server: Pick<KubeApiserver, 'url' | 'token' | 'ca'>;
  readonly #agent: Agent;

  constructor(server: Pick<KubeApiserver, 'url' | 'token' | 'ca'>) {
    this.#server = server;
    this.#agent = new Agent({ allowH2: false, connect: { ca: server.ca } });
  }

  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    type?: string,
  ): Promise<Answer> {
    const response = await request(this.#server.url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#server.token}`,
        accept: 'application/json',
        'content-type': type ?? 'application/json',
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.body.text();
    // A path that is not served (yet) is answered in plain text.
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    return { status: response.statusCode, body: isJson ? JSON.parse(text) : { message: text } };
  }

  /** `kubectl apply --server-side` of a pool. */
  async apply(name: string, spec: unknown): Promise<void> {
    const body = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipPool', metadata: { name }, spec };
    const path = `${GROUP}/vippools/${name}?fieldManager=author&force=true`;
    this.#expect(await this.call('PATCH', path, body, 'application/apply-patch+yaml'));
  }

  /** `kubectl apply --server-side` of a NodeHealth. */
  async applyNode(name: string, spec: unknown): Promise<void> {
    const body = { apiVersion: 'vippool.io/v1alpha1', kind: 'NodeHealth', metadata: { name }, spec };
    const path = `${GROUP}/nodehealths/${name}?fieldManager=author`;
    this.#expect(await this.call('PATCH', path, body, 'application/apply-patch+yaml'));
  }

  /** `kubectl create` of a VipTask. */
  async applyTask(name: string, spec: unknown): Promise<void> {
    const body = { apiVersion: 'vippool.io/v1alpha1', kind: 'VipTask', metadata: { name }, spec };
    this.#expect(await this.call('POST', `${GROUP}/viptasks`, body));
  }

  /** `kubectl delete` of a VipTask. */
  async deleteTask(name: string): Promise<void> {
    this.#expect(await this.call('DELETE', `${GROUP}/viptasks/${name}`));
  }

  /** `kubectl delete` without waiting. */
  async remove(name: string): Promise<void> {
    this.#expect(await this.call('DELETE', `${GROUP}/vippools/${name}`));
  }

  /** Metadata of a pool. */
  async metadata(
    name: string,
  ): Promise<{ finalizers?: string[]; resourceVersion: string; deletionTimestamp?: string }> {
    const answer = await this.call('GET', `${GROUP}/vippools/${name}`);
    this.#expect(answer);
    return answer.body['metadata'] as { resourceVersion: string };
  }

  /** JSON merge patch of a pool. */
  async patch(name: string, patch: unknown): Promise<void> {
    this.#expect(await this.call('PATCH', `${GROUP}/vippools/${name}`, patch, 'application/merge-patch+json'));
  }

  /** Installs crds/ and waits until all are served. */
  async installCrds(): Promise<void> {
    const directory = join(import.meta.dirname, '../../crds');
    for (const file of await readdir(directory)) {
      const crd = parse(await readFile(join(directory, file), 'utf8'));
      const answer = await this.call('POST', CRDS, crd);
      if (answer.status !== 409) this.#expect(answer);
    }
    for (const plural of PLURALS) {
      while ((await this.call('GET', `${GROUP}/${plural}`)).status !== 200) await sleep(50);
    }
  }

  async removeCrds(): Promise<void> {
    for (const plural of PLURALS) {
      await this.call('DELETE', `${CRDS}/${plural}.vippool.io`);
      while ((await this.call('GET', `${GROUP}/${plural}`)).status !== 404) await sleep(50);
    }
  }

  /** Removes every object, whatever finalizers hold it. */
  async wipe(): Promise<void> {
    for (const plural of PLURALS) {
      const { body } = await this.call('GET', `${GROUP}/${plural}`);
      for (const { metadata } of (body['items'] ?? []) as Listed[]) {
        const path = `${GROUP}/${plural}/${metadata.name}`;
        await this.call('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
        await this.call('DELETE', path);
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #expect(answer: Answer): void {
    if (answer.status >= 300) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}
