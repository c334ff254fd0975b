/** Certificates of a running cluster: the book of its authorities, and what its processes prove themselves with. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { BOOK } from '../../../src/app/identity/authority-keeper.ts';
import { type AuthorityBook, bookText, readBook } from '../../../src/core/certificates/authority-book.ts';
import { sleep, waitFor } from '../../lib/wait.ts';
import type { Client } from '../client.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { procFile } from '../../lib/processes.ts';
import { NAMESPACE } from '../release.ts';

export const AUTHORITY_SECRET = 'vippool-authority';
const LOOK_MS = 2_000;

type Probed<T> = T | undefined | false;

/** As `waitFor`, for what takes minutes: whoever asks all the time keeps a small machine from its work. */
export const seldom = <T>(what: string, probe: () => Probed<T> | Promise<Probed<T>>, timeoutMs: number): Promise<T> =>
  waitFor(what, () => sleep(LOOK_MS).then(probe), timeoutMs);

export async function authorityBook(client: Client): Promise<AuthorityBook> {
  const secret = await client.get('secret', AUTHORITY_SECRET, '--namespace', NAMESPACE);
  const { data } = secret as { data: Record<string, string> };
  const found = readBook(Buffer.from(data[BOOK] ?? '', 'base64').toString());
  if (!found) throw new Error(`Secret ${AUTHORITY_SECRET} has no readable ${BOOK}`);
  return found;
}

export async function keepBook(client: Client, changed: AuthorityBook): Promise<void> {
  const data = { [BOOK]: Buffer.from(bookText(changed)).toString('base64') };
  await client.kubectl(['-n', NAMESPACE, 'patch', 'secret', AUTHORITY_SECRET, '--patch', JSON.stringify({ data })]);
}

/** Of a process that proves itself to others by files. */
export interface ProcessIdentity {
  readonly leaf: X509Certificate;
  /** PEM texts. */
  readonly trusted: string;
  /** Paths as we see them. */
  readonly files: { readonly certificate: string; readonly privateKey: string };
}

/** Of every agent and controller; one that has just ended is left out. */
export const processIdentities = ({ nodes }: KubeCluster): readonly ProcessIdentity[] =>
  [...nodes.values()].flatMap(({ cgroup }) => cgroup.processes().flatMap(identityOf));

function identityOf(pid: number): readonly ProcessIdentity[] {
  try {
    const args = procFile(pid, 'cmdline').split('\0');
    const file = (option: string): string => {
      const path = args.find((arg) => arg.startsWith(`--${option}=`))?.slice(option.length + 3);
      return path === undefined ? '' : `/proc/${pid}/root${path}`;
    };
    const files = { certificate: file('tls-cert'), privateKey: file('tls-key') };
    if (!existsSync(files.certificate)) return [];
    const trusted = readFileSync(file('tls-ca'), 'utf8');
    return [{ leaf: new X509Certificate(readFileSync(files.certificate)), trusted, files }];
  } catch {
    return [];
  }
}
