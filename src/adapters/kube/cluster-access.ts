import type { KubeConfig } from '@kubernetes/client-node';
import type { RequestOptions } from 'node:https';
import { OpError } from '../../core/op-error.ts';

/** Everything a request needs besides its path. */
export interface Access {
  /** "https://192.0.2.1:6443", without a slash at the end */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Where the API server is and how to be let in; asked before every request, so that credentials may rotate. */
export interface ClusterAccess {
  /** Throws OpError (InvalidInput) where there is no usable configuration (yet). */
  access(): Promise<Access>;
  /** The server refused the credentials: read them anew next time. */
  forget(): void;
}

export interface KubeconfigOptions {
  /** Default: $KUBECONFIG, ~/.kube/config, then the service account of the pod. */
  readonly path?: string;
  /** Default: the current context of the file. */
  readonly context?: string;
}

/**
 * Access by kubeconfig or service account, with the credential plugins and token rotation of the official client. The
 * client is loaded with the first request: it takes half a second and 90 MB that a directory source does not need.
 */
export class KubeconfigAccess implements ClusterAccess {
  readonly #options: KubeconfigOptions;
  #config: Promise<KubeConfig> | undefined;

  constructor(options: KubeconfigOptions = {}) {
    this.#options = options;
  }

  async access(): Promise<Access> {
    this.#config ??= load(this.#options);
    try {
      return await accessOf(await this.#config);
    } catch (error) {
      // The file may appear or be repaired later.
      this.#config = undefined;
      if (error instanceof OpError) throw error;
      throw new OpError('InvalidInput', `the kubeconfig cannot be used: ${reason(error)}`, { cause: error });
    }
  }

  forget(): void {
    this.#config = undefined;
  }
}

async function load(options: KubeconfigOptions): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (options.path === undefined) config.loadFromDefault();
  else config.loadFromFile(options.path);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new OpError('InvalidInput', `the kubeconfig has no context "${config.getCurrentContext()}" with a cluster`);
  }
  // What the client falls back to where it found nothing at all.
  if (cluster.name === 'cluster' && cluster.server === 'http://localhost:8080') {
    throw new OpError(
      'InvalidInput',
      'no kubeconfig: set KUBECONFIG, create ~/.kube/config, or run in a pod with a service account',
    );
  }
  if (cluster.proxyUrl !== undefined) {
    throw new OpError('InvalidInput', 'proxy-url in the kubeconfig is not supported: name the API server directly');
  }
  return config;
}

async function accessOf(config: KubeConfig): Promise<Access> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return {
    server: (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, ''),
    headers,
    tls: {
      ...pem('ca', options.ca),
      ...pem('cert', options.cert),
      ...pem('key', options.key),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
      ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
    },
  };
}

/** Text, so that material can be compared: a changed certificate needs new connections. */
function pem(name: 'ca' | 'cert' | 'key', value: unknown): TlsMaterial {
  if (typeof value === 'string') return { [name]: value };
  return Buffer.isBuffer(value) ? { [name]: value.toString('utf8') } : {};
}

const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
