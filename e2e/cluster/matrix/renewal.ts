/** Every certificate of agents and controllers is a day old, and is renewed. */
import { X509Certificate } from 'node:crypto';
import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { issue } from '../../../src/adapters/certificates/authority.ts';
import { identityIn } from '../../../src/core/identity.ts';
import type { KubeCluster } from '../kube-cluster.ts';
import { authorityBook, processIdentities, seldom } from './certificates.ts';

const DAY_MS = 86_400_000;
/** Older than any that is not renewed yet, and good for long enough. */
const BEFORE_MS = 2 * DAY_MS;
const LEFT_MS = 10 * DAY_MS;
/** Processes look every half a minute; one that is not served at once tries again. */
const RENEWED_WITHIN_MS = 180_000;

/** Resolves when each process has a young certificate again, of the same authority. */
export async function renewCertificates(kube: KubeCluster): Promise<void> {
  const { issuer } = await authorityBook(kube.client);
  const all = processIdentities(kube);
  const oldest = Date.now() - DAY_MS;
  const validity = { notBefore: new Date(Date.now() - BEFORE_MS), notAfter: new Date(Date.now() + LEFT_MS) };
  for (const { leaf, files } of all) {
    // A supervisor and its agent have the same files.
    if (new X509Certificate(readFileSync(files.certificate)).validFromDate.getTime() < oldest) continue;
    const identity = identityIn(leaf.subjectAltName ?? '');
    if (identity === undefined) throw new Error(`${files.certificate} speaks for nobody: ${leaf.subjectAltName}`);
    const pair = await issue(issuer, { name: identity, identity }, validity);
    replace(files.privateKey, pair.privateKey);
    replace(files.certificate, pair.certificate);
  }
  const isRenewed = (): boolean => {
    const now = processIdentities(kube);
    return now.length >= all.length && now.every(({ leaf }) => leaf.validFromDate.getTime() > oldest);
  };
  await seldom('every certificate to be renewed', isRenewed, RENEWED_WITHIN_MS);
}

/** Whoever could read the file before still can. */
function replace(path: string, text: string): void {
  const { uid, gid } = statSync(path);
  writeFileSync(`${path}.lab`, text, { mode: 0o600 });
  chownSync(`${path}.lab`, uid, gid);
  renameSync(`${path}.lab`, path);
}
