import { CredentialFiles } from '../adapters/tls/credential-files.ts';
import type { SecurityOptions } from '../config/options/security.ts';
import type { Identity } from '../core/identity.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials, KeyMaterial } from '../ports/credentials.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Key material that is looked after until `close`; none where nothing is encrypted. */
export interface OpenCredentials<Material> {
  readonly credentials: Credentials<Material> | undefined;
  readonly close: () => void;
}

const NONE = { credentials: undefined, close: (): void => undefined };

/** For everything between agents and controllers. Rejects with OpError where the files are no good. */
export async function openCredentials(
  { tlsCert, tlsKey, tlsCa }: SecurityOptions,
  identity: Identity,
  ports: Ports,
): Promise<OpenCredentials<KeyMaterial>> {
  if (tlsCert === undefined || tlsKey === undefined || tlsCa === undefined) {
    ports.log.log(
      'warn',
      'no certificates: nothing between agents and controllers is encrypted, and whoever reaches the management network ' +
        'can take VIPs away or have them held twice; give --tls-cert, --tls-key and --tls-ca',
    );
    return NONE;
  }
  const files = { certificate: tlsCert, privateKey: tlsKey, authorities: tlsCa };
  const credentials = new CredentialFiles<KeyMaterial>({ files, identity, use: 'peers', ...ports });
  await credentials.start();
  return { credentials, close: () => credentials.stop() };
}

interface EtcdFiles {
  readonly etcd: readonly string[];
  readonly etcdCert: string | undefined;
  readonly etcdKey: string | undefined;
  readonly etcdCa: string | undefined;
}

/** For etcd, where it is reached by https. Rejects with OpError where the files are no good. */
export async function openEtcdCredentials(
  { etcd, etcdCert, etcdKey, etcdCa }: EtcdFiles,
  ports: Ports,
): Promise<OpenCredentials<Partial<KeyMaterial>>> {
  if (!etcd[0]?.startsWith('https:')) return NONE;
  const pair = etcdCert !== undefined && etcdKey !== undefined ? { certificate: etcdCert, privateKey: etcdKey } : {};
  const files = { ...pair, ...(etcdCa === undefined ? {} : { authorities: etcdCa }) };
  const credentials = new CredentialFiles<Partial<KeyMaterial>>({ files, use: 'etcd', ...ports });
  await credentials.start();
  return { credentials, close: () => credentials.stop() };
}
