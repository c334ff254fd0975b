import type { CertificateStore, Kept, KeptTexts } from '../../ports/certificate-store.ts';
import type { ApiClient } from './api-client.ts';
import { callCore } from './core-objects.ts';
import type { Reply } from './errors.ts';
import { isRecord } from './objects.ts';

export interface KubeCertificateStoreOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  /** Of the Secret with the authorities and of the ConfigMap with what everybody may know of them. */
  readonly authority: string;
  /** Of the Secret of etcd's members; undefined where etcd has its certificates from elsewhere. */
  readonly etcd: string | undefined;
}

/** On the Secret of the authorities: whoever sets it wants another authority. Its value says nothing. */
export const ROTATE_ANNOTATION = 'vippool.io/rotate';
const FIELD_MANAGER = 'vippool-certificates';

interface Place {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly resource: 'secrets' | 'configmaps';
  readonly name: string;
  readonly path: string;
}

/** Two Secrets and a ConfigMap. Names are all that is needed: nothing is listed. */
export class KubeCertificateStore implements CertificateStore {
  readonly #options: KubeCertificateStoreOptions;

  constructor(options: KubeCertificateStoreOptions) {
    this.#options = options;
  }

  async read(what: Kept): Promise<KeptTexts> {
    const place = this.#placeOf(what);
    const { resource, name, path } = place;
    const request = { method: 'GET', path, verb: 'get', resource, name } as const;
    const reply = await callCore(this.#options.api, request, [200, 404]);
    return keptIn(place, reply.status === 404 ? await this.#make(place) : reply);
  }

  async write(what: Kept, texts: Readonly<Record<string, string>>, version: string): Promise<boolean> {
    const { kind, resource, name, path } = this.#placeOf(what);
    const encoded = Object.entries(texts).map(([key, text]) => [
      key,
      kind === 'Secret' ? Buffer.from(text).toString('base64') : text,
    ]);
    const request = {
      method: 'PATCH',
      path,
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { resourceVersion: version, annotations: { [ROTATE_ANNOTATION]: null } },
        data: Object.fromEntries(encoded) as object,
      },
      verb: 'patch',
      resource,
      name,
    } as const;
    const reply = await callCore(this.#options.api, request, [200, 404, 409]);
    return reply.status === 200;
  }

  /** By server-side apply, which the right to create objects of this one name is enough for; whoever is first makes it. */
  #make({ kind, resource, name, path }: Place): Promise<Reply> {
    const request = {
      method: 'PATCH',
      path,
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: 'v1', kind, metadata: { name } },
      verb: 'create',
      resource,
      name,
    } as const;
    return callCore(this.#options.api, request, [200, 201]);
  }

  #placeOf(what: Kept): Place {
    const { authority, etcd, namespace } = this.#options;
    const resource = what === 'trust' ? 'configmaps' : 'secrets';
    const name = what === 'etcd' ? (etcd ?? '') : authority;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
    return { kind: what === 'trust' ? 'ConfigMap' : 'Secret', resource, name, path };
  }
}

function keptIn({ kind }: Place, { body }: Reply): KeptTexts {
  const object = isRecord(body) ? body : {};
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  const version = metadata['resourceVersion'];
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  const data = isRecord(object['data']) ? object['data'] : {};
  const texts = Object.entries(data).map(([key, value]) => {
    const text = typeof value === 'string' ? value : '';
    return [key, kind === 'Secret' ? Buffer.from(text, 'base64').toString('utf8') : text] as const;
  });
  return {
    texts: Object.fromEntries(texts),
    version: typeof version === 'string' ? version : '',
    isAsked: Object.hasOwn(annotations, ROTATE_ANNOTATION),
  };
}
