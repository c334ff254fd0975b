/** Who may speak to the API server: a token for each part of the cluster, with the group that Kubernetes gives rights to. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { API_URL } from './addresses.ts';

export interface User {
  readonly name: string;
  readonly group: string;
}

export const ADMIN: User = { name: 'admin', group: 'system:masters' };
export const CONTROLLER_MANAGER: User = { name: 'system:kube-controller-manager', group: 'system:authenticated' };
export const SCHEDULER: User = { name: 'system:kube-scheduler', group: 'system:authenticated' };
export const PROXY: User = { name: 'system:kube-proxy', group: 'system:authenticated' };
export const kubeletOf = (node: string): User => ({ name: `system:node:${node}`, group: 'system:nodes' });

/** Files below one folder, made when the API server does not run yet. */
export class Credentials {
  readonly directory: string;
  readonly #tokens = new Map<string, string>();

  constructor(directory: string, users: readonly User[]) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    writeFileSync(this.serviceAccountKey, privateKey, { mode: 0o600 });
    for (const { name } of users) this.#tokens.set(name, randomBytes(16).toString('hex'));
    const lines = users.map(({ name, group }) => `${this.#tokens.get(name)},${name},${name},"${group}"`);
    writeFileSync(this.tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  get serviceAccountKey(): string {
    return join(this.directory, 'service-account.key');
  }

  get tokenFile(): string {
    return join(this.directory, 'tokens.csv');
  }

  /** Of the API server, with its authority behind it; it makes the file itself. */
  get serverCertificate(): string {
    return join(this.directory, 'apiserver.crt');
  }

  /** The authority alone. */
  authority(): string {
    const pem = readFileSync(this.serverCertificate, 'utf8');
    return pem.slice(pem.lastIndexOf('-----BEGIN CERTIFICATE-----'));
  }

  /** When the API server runs. */
  writeKubeconfig({ name }: User, file: string): string {
    const cluster = {
      server: API_URL,
      'certificate-authority-data': Buffer.from(this.authority()).toString('base64'),
    };
    const text = stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'lab', cluster }],
      users: [{ name, user: { token: this.#tokens.get(name) } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
      'current-context': 'lab',
    });
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}
