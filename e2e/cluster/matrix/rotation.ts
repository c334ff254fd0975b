/** Another authority, and every certificate of the cluster by it, as somebody asks for who fears for a key. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { BOOK } from '../../../src/app/identity/authority-keeper.ts';
import { type AuthorityBook, bookText, PUBLISHED_MS, readBook } from '../../../src/core/certificates/authority-book.ts';
import { sleep, waitFor } from '../../lib/wait.ts';
import type { Client } from '../client.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { NAMESPACE } from '../release.ts';

const SECRET = 'vippool-authority';
/** A controller looks once a minute; kubelets take two until a pod sees what is new. */
const PUBLISHED_WITHIN_MS = 240_000;
/** All members of etcd are replaced before, one after the other. */
const PROMOTED_WITHIN_MS = 420_000;
/** Renewals are spread over ten minutes. */
const RENEWED_WITHIN_MS = 720_000;
const LOOK_MS = 2_000;

/** Resolves when the certificate of every agent and controller is of the new authority. Quarter of an hour. */
export async function replaceAuthority({ client, nodes }: KubeCluster): Promise<void> {
  const processes = (): readonly Identity[] =>
    [...nodes.values()].flatMap(({ cgroup }) => identities(cgroup.processes()));
  const count = processes().length;
  await client.kubectl(['-n', NAMESPACE, 'annotate', 'secret', SECRET, 'vippool.io/rotate=']);
  const next = await seldom('the next authority', async () => (await book(client)).next, PUBLISHED_WITHIN_MS);
  const isTrusted = (): boolean => processes().every(({ trusted }) => trusted.includes(next.certificate.trim()));
  await seldom('everybody to trust it', isTrusted, PUBLISHED_WITHIN_MS);
  await passAnHour(client);
  const isIssuer = async (): Promise<boolean> => (await book(client)).issuer.certificate === next.certificate;
  await seldom('it to certify', isIssuer, PROMOTED_WITHIN_MS);
  const authority = new X509Certificate(next.certificate);
  const isRenewed = (): boolean => {
    const all = processes();
    return all.length >= count && all.every(({ leaf }) => leaf.verify(authority.publicKey));
  };
  await seldom('every certificate to be of it', isRenewed, RENEWED_WITHIN_MS);
}

type Probed<T> = T | undefined | false;

/** As `waitFor`, for what takes minutes: whoever asks all the time keeps a small machine from its work. */
const seldom = <T>(what: string, probe: () => Probed<T> | Promise<Probed<T>>, timeoutMs: number): Promise<T> =>
  waitFor(what, () => sleep(LOOK_MS).then(probe), timeoutMs);

async function book(client: Client): Promise<AuthorityBook> {
  const { data } = (await client.get('secret', SECRET, '--namespace', NAMESPACE)) as { data: Record<string, string> };
  const found = readBook(Buffer.from(data[BOOK] ?? '', 'base64').toString());
  if (!found) throw new Error(`Secret ${SECRET} has no readable ${BOOK}`);
  return found;
}

/** By the book: nobody else reads when the next authority was made. */
async function passAnHour(client: Client): Promise<void> {
  const { next, ...rest } = await book(client);
  if (!next) throw new Error('the next authority is gone');
  const earlier = { ...rest, next: { ...next, publishedAtMs: next.publishedAtMs - PUBLISHED_MS } };
  const data = { [BOOK]: Buffer.from(bookText(earlier)).toString('base64') };
  await client.kubectl(['-n', NAMESPACE, 'patch', 'secret', SECRET, '--patch', JSON.stringify({ data })]);
}

interface Identity {
  readonly leaf: X509Certificate;
  /** PEM texts. */
  readonly trusted: string;
}

/** Of the processes that prove themselves to others by files; one that has just ended is left out. */
const identities = (pids: readonly number[]): readonly Identity[] =>
  pids.flatMap((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const file = (option: string): string => {
        const path = args.find((arg) => arg.startsWith(`--${option}=`))?.slice(option.length + 3);
        return path === undefined ? '' : `/proc/${pid}/root${path}`;
      };
      if (!existsSync(file('tls-cert'))) return [];
      const trusted = readFileSync(file('tls-ca'), 'utf8');
      return [{ leaf: new X509Certificate(readFileSync(file('tls-cert'))), trusted }];
    } catch {
      return [];
    }
  });
