import { type ChannelCredentials, type ChannelOptions, experimental } from '@grpc/grpc-js';
import { isIP } from 'node:net';
import { checkServerIdentity, getCACertificates } from 'node:tls';
import type { Credentials, KeyMaterial } from '../../ports/credentials.ts';

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** Key material of ours in the form in which the library asks for it: each new connection is made with the newest. */
class ProvidedCertificates implements experimental.CertificateProvider {
  readonly #credentials: Credentials<Partial<KeyMaterial>>;
  readonly #unwatch = new Map<CaListener | IdentityListener, () => void>();

  constructor(credentials: Credentials<Partial<KeyMaterial>>) {
    this.#credentials = credentials;
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#add(listener, () => {
      const { authorities = getCACertificates('default').join('\n') } = this.#credentials.current();
      listener({ caCertificate: Buffer.from(authorities) });
    });
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#remove(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#add(listener, () => {
      const { certificate = '', privateKey = '' } = this.#credentials.current();
      listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(privateKey) });
    });
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#remove(listener);
  }

  #add(listener: CaListener | IdentityListener, tell: () => void): void {
    this.#unwatch.set(listener, this.#credentials.watch(tell));
    tell();
  }

  #remove(listener: CaListener | IdentityListener): void {
    this.#unwatch.get(listener)?.();
    this.#unwatch.delete(listener);
  }
}

/** How a channel is secured. */
export interface ChannelSecurity {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/** Of a client that knows a server by its name or address, as everywhere on the web. */
export function channelSecurity(credentials: Credentials<Partial<KeyMaterial>>, host: string): ChannelSecurity {
  const provider = new ProvidedCertificates(credentials);
  const own = credentials.current().certificate === undefined ? null : provider;
  return {
    credentials: experimental.createCertificateProviderChannelCredentials(provider, own, {
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    }),
    // The handshake has room for a name only. What is checked is the address all the same, see above.
    options: isIP(host) ? { 'grpc.ssl_target_name_override': 'etcd' } : {},
  };
}
