import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isGood, type LeafTerm } from '../../core/certificates/renewal.ts';
import { OpError } from '../../core/op-error.ts';
import type { CertifiedKey, Holder } from '../../ports/certifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LeafFiles, TrustFile } from '../../ports/leaf-files.ts';
import { leafTermOf } from './leaf-term.ts';
import { replaceFiles } from './files.ts';

export interface IdentityFilesOptions {
  /** PEM files. The first two are in the same directory. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly authorities: string;
  readonly holder: Holder;
  readonly clock: Clock;
}

/** The files of one process, with mode 0600, replaced whole. */
export class IdentityFiles implements LeafFiles, TrustFile {
  readonly #options: IdentityFilesOptions;

  constructor(options: IdentityFilesOptions) {
    this.#options = options;
  }

  async term(): Promise<LeafTerm | undefined> {
    const { certificate, privateKey } = this.#options;
    return this.#termOf({ certificate: await text(certificate), privateKey: await text(privateKey) });
  }

  async write(pair: CertifiedKey): Promise<void> {
    const { certificate, privateKey, clock, holder } = this.#options;
    const term = await this.#termOf(pair);
    if (!isGood(term, clock.wallNow().getTime())) {
      const what = holder.identity ?? holder.name;
      const message =
        term?.authority === 'none'
          ? `the new certificate is of an authority that is not in ${this.#options.authorities}`
          : `the new certificate is of no use to ${what}; is the wall clock of this host right?`;
      throw new OpError('InvalidInput', message, { retryable: true });
    }
    await replaceFiles(dirname(certificate), [
      [basename(privateKey), pair.privateKey],
      [basename(certificate), pair.certificate],
    ]);
  }

  authorities(): Promise<string> {
    return text(this.#options.authorities);
  }

  async trust(authorities: string): Promise<void> {
    const path = this.#options.authorities;
    await replaceFiles(dirname(path), [[basename(path), authorities]]);
  }

  async #termOf(pair: CertifiedKey): Promise<LeafTerm | undefined> {
    return leafTermOf(pair, this.#options.holder, await this.authorities());
  }
}

/** Empty where the file is missing or cannot be read: then it is written. */
const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
