import { readFile } from 'node:fs/promises';
import type { Identity } from '../../core/identity.ts';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials, KeyMaterial } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { type Term, termOf } from './checked-material.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { errorText } from '../../core/error-text.ts';

export interface CredentialFilesOptions<Material> {
  /** Paths of PEM files. */
  readonly files: { readonly [Part in keyof Material]: string };
  /** Whom the certificate must speak for; undefined: anybody. */
  readonly identity?: Identity;
  /** What it is for, in log and metrics: "peers", "etcd" or "metrics". */
  readonly use: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often the files are read again. Default 5000. */
  readonly pollMs?: number;
}

const POLL_MS = 5_000;

/**
 * Key material in files that somebody renews. They are read again and again rather than watched: that also sees what is
 * changed by a link, by another mount, or on a network file system. What is not good leaves everything as it was.
 */
export class CredentialFiles<Material extends Partial<KeyMaterial> = KeyMaterial> implements Credentials<Material> {
  readonly #options: CredentialFilesOptions<Material>;
  readonly #expiry: ExpiryWatch;
  readonly #watchers = new Set<() => void>();
  #current: { readonly material: Material; readonly term: Term | undefined } | undefined;
  /** What was wrong at the last look, and whether it was logged. */
  #fault: { readonly text: string; readonly logged: boolean } | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(options: CredentialFilesOptions<Material>) {
    this.#options = options;
    this.#expiry = new ExpiryWatch(options);
  }

  /** Rejects with OpError where the files are no good; that they have expired is only logged, since they may be renewed. */
  async start(): Promise<void> {
    const material = await this.#read();
    this.#current = { material, term: termOf(material, this.#options.identity) };
    this.#lookAtExpiry();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#watchers.clear();
  }

  /** Reads the files now. Never rejects: what is no good is logged. */
  async reload(): Promise<void> {
    try {
      const material = await this.#read();
      if (this.#stopped) return;
      if (!same(material, this.current())) this.#take(material);
      this.#fault = undefined;
    } catch (error) {
      if (this.#stopped) return;
      this.#tell(errorText(error));
    }
    this.#lookAtExpiry();
  }

  current(): Material {
    if (!this.#current) throw new OpError('Internal', 'key material was asked for before it was read');
    return this.#current.material;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  #arm(): void {
    const { clock, pollMs = POLL_MS } = this.#options;
    this.#cancel = clock.after(pollMs, () => {
      void this.reload().then(() => {
        if (!this.#stopped) this.#arm();
      });
    });
  }

  #take(material: Material): void {
    const { clock, identity, log, use } = this.#options;
    const term = termOf(material, identity);
    const now = clock.wallNow();
    if (term && (now < term.from || now > term.until)) {
      const message = `the certificate is good from ${term.from.toISOString()} until ${term.until.toISOString()}, not now`;
      throw new OpError('InvalidInput', message);
    }
    this.#current = { material, term };
    log.log('info', 'certificates were renewed', { use, until: term?.until.toISOString() });
    for (const changed of this.#watchers) changed();
  }

  /** At the second look: between two files that are written one after the other they never fit together. */
  #tell(text: string): void {
    const { log, use } = this.#options;
    const seen = this.#fault?.text === text ? this.#fault : undefined;
    if (seen && !seen.logged) {
      log.log('warn', 'new certificates are no good; going on with the ones before', { use, reason: text });
    }
    this.#fault = { text, logged: seen !== undefined };
  }

  #lookAtExpiry(): void {
    if (this.#current?.term) this.#expiry.look(this.#current.term);
  }

  async #read(): Promise<Material> {
    const parts = Object.entries<string>(this.#options.files).map(async ([part, path]) => [part, await text(path)]);
    return Object.fromEntries(await Promise.all(parts)) as Material;
  }
}

const same = (a: Partial<KeyMaterial>, b: Partial<KeyMaterial>): boolean =>
  a.certificate === b.certificate && a.privateKey === b.privateKey && a.authorities === b.authorities;

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new OpError('InvalidInput', `cannot read ${path}: ${errorText(error)}`);
  }
}
