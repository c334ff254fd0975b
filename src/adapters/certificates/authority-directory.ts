import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../core/error-text.ts';
import { OpError } from '../../core/op-error.ts';
import type { CertifiedKey, Holder } from '../../ports/certifier.ts';
import { createAuthority, issue, type Validity } from './authority.ts';
import { PEM_CERTIFICATE, replaceFiles } from './files.ts';

/** Names of the files, the same as in a Kubernetes Secret of type tls. */
export const CERTIFICATE_FILE = 'tls.crt';
export const KEY_FILE = 'tls.key';
export const AUTHORITIES_FILE = 'ca.crt';
const AUTHORITY_KEY_FILE = 'ca.key';

/**
 * An authority kept in a directory: `ca.crt` with the newest certificate first and the ones that it replaces behind it,
 * and `ca.key` of the newest. All files are readable by their owner alone, and replaced whole. Every method rejects with
 * OpError where a file cannot be read or written.
 */
export class AuthorityDirectory {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A new authority where there is none yet. */
  async init(validity: Validity): Promise<void> {
    if (await exists(join(this.#path, AUTHORITY_KEY_FILE))) {
      const message = `${this.#path} has an authority already; "replace-ca" puts another one beside it`;
      throw new OpError('Conflict', message, { retryable: false });
    }
    await this.#write(await createAuthority(validity), []);
  }

  /** A new authority that certifies from now on. The ones before stay trusted until `retire`. */
  async replace(validity: Validity): Promise<void> {
    const { certificates } = await this.#read();
    await this.#write(await createAuthority(validity), certificates);
  }

  /** Only the newest authority is trusted from now on. Returns how many were before. */
  async retire(): Promise<number> {
    const { newest, certificates } = await this.#read();
    await this.#write(newest, []);
    return certificates.length - 1;
  }

  /** Writes a certificate of the newest authority with its key into `directory`, and whom to trust. */
  async issue(holder: Holder, validity: Validity, directory: string): Promise<CertifiedKey> {
    const { newest, certificates } = await this.#read();
    const pair = await issue(newest, holder, validity);
    await replaceFiles(directory, [
      // First: whoever reads between two files has authorities for the old certificate as well as for the new one.
      [AUTHORITIES_FILE, certificates.join('')],
      [KEY_FILE, pair.privateKey],
      [CERTIFICATE_FILE, pair.certificate],
    ]);
    return pair;
  }

  async #read(): Promise<{ readonly newest: CertifiedKey; readonly certificates: readonly string[] }> {
    const hint = `is there an authority in ${this.#path}? "init" makes one`;
    const [bundle, privateKey] = await Promise.all(
      [AUTHORITIES_FILE, AUTHORITY_KEY_FILE].map((name) => read(join(this.#path, name), hint)),
    );
    const certificates = bundle?.match(PEM_CERTIFICATE) ?? [];
    const [certificate] = certificates;
    if (certificate === undefined || privateKey === undefined) {
      throw new OpError('InvalidInput', `${join(this.#path, AUTHORITIES_FILE)} contains no PEM certificate`);
    }
    return { newest: { certificate, privateKey }, certificates };
  }

  async #write(newest: CertifiedKey, older: readonly string[]): Promise<void> {
    await replaceFiles(this.#path, [
      [AUTHORITY_KEY_FILE, newest.privateKey],
      [AUTHORITIES_FILE, [newest.certificate, ...older].join('')],
    ]);
  }
}

async function read(path: string, hint: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new OpError('NotFound', `cannot read ${path}: ${errorText(error)}; ${hint}`, { cause: error });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
