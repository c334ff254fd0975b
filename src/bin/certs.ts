import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import {
  AUTHORITIES_FILE,
  AuthorityDirectory,
  CERTIFICATE_FILE,
  KEY_FILE,
} from '../adapters/certificates/authority-directory.ts';
import type { Validity } from '../adapters/certificates/authority.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { CertsConfig } from '../config/options/certs.ts';
import { controllerIdentity, nodeIdentity } from '../core/identity.ts';
import { OpError } from '../core/op-error.ts';
import type { Holder } from '../ports/certifier.ts';
import type { Outcome } from './outcome.ts';

const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 365;
const DAY_MS = 86_400_000;
/** Clocks of other hosts may be behind ours. */
const BACKDATED_MS = 3_600_000;

/** `vippool certs` */
export async function runCerts(config: CertsConfig): Promise<Outcome> {
  try {
    return { exitCode: 0, output: await carryOut(config, new AuthorityDirectory(config.dir)) };
  } catch (error) {
    if (!(error instanceof OpError)) throw error;
    return { exitCode: 1, output: '', errors: `vippool: ${error.message}\n` };
  }
}

async function carryOut(config: CertsConfig, authority: AuthorityDirectory): Promise<string> {
  const { action, dir } = config;
  switch (action) {
    case 'init': {
      const validity = validityOf(config, AUTHORITY_DAYS);
      await authority.init(validity);
      return `New authority in ${dir}, good until ${day(validity)}. Keep ca.key secret.\n`;
    }
    case 'issue': {
      const validity = validityOf(config, LEAF_DAYS);
      const { subject, directory } = holderOf(config);
      const { certificate } = await authority.issue(subject, validity, directory);
      const files = [CERTIFICATE_FILE, KEY_FILE, AUTHORITIES_FILE].join(', ');
      return `Certificate for ${subject.identity ?? subject.name}, good until ${day({ notAfter: new X509Certificate(certificate).validToDate })}, in ${directory}: ${files}.\n`;
    }
    case 'replace-ca': {
      const validity = validityOf(config, AUTHORITY_DAYS);
      await authority.replace(validity);
      return (
        `Second authority in ${dir}, good until ${day(validity)}. Next: copy ca.crt to every host, then issue every ` +
        'certificate anew, then "retire-ca" and copy ca.crt again.\n'
      );
    }
    case 'retire-ca': {
      const retired = await authority.retire();
      if (retired === 0) return `Nothing to do: ${dir} has one authority.\n`;
      return `Only the newest authority in ${dir} is trusted from now on. Next: copy ca.crt to every host.\n`;
    }
  }
}

function validityOf({ days }: CertsConfig, usualDays: number): Validity {
  const now = systemClock.wallNow().getTime();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + (days ?? usualDays) * DAY_MS) };
}

const day = ({ notAfter }: Pick<Validity, 'notAfter'>): string => notAfter.toISOString().slice(0, 10);

function holderOf({ dir, node, controller, server, hosts, out }: CertsConfig): {
  readonly subject: Holder;
  readonly directory: string;
} {
  const name = node ?? controller ?? server ?? '';
  const kind = node === undefined ? (controller === undefined ? 'server' : 'controller') : 'node';
  const identity = node === undefined ? controller && controllerIdentity(controller) : nodeIdentity(node);
  return { subject: { name, identity, hosts }, directory: out ?? join(dir, `${kind}-${name}`) };
}
