import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorText } from '../../core/error-text.ts';
import { OpError } from '../../core/op-error.ts';

/** A token in a file that somebody may change: read for each question, so that the newest counts at once. */
export class BearerToken {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with OpError where there is no token in the file. */
  async check(): Promise<void> {
    await this.#read();
  }

  /**
   * Whether a request may pass; rejects with OpError where nobody can know.
   * @param authorization the header of this name
   */
  async admits(authorization: string | undefined): Promise<boolean> {
    const token = await this.#read();
    const shown = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Of equal length, so that the time which it takes tells nothing.
    return shown !== undefined && timingSafeEqual(digest(shown), digest(token));
  }

  async #read(): Promise<string> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      throw new OpError('InvalidInput', `cannot read the token for metrics: ${errorText(error)}`);
    }
    const token = text.trim();
    if (token === '' || /\s/.test(token)) {
      const found = token === '' ? 'is empty' : 'has blanks in it';
      throw new OpError('InvalidInput', `the token for metrics in ${this.#path} ${found}; write one word`);
    }
    return token;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
