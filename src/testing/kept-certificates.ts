import { OpError } from '../core/op-error.ts';
import type { CertificateStore, Kept, KeptTexts } from '../ports/certificate-store.ts';

interface Object {
  readonly texts: Readonly<Record<string, string>>;
  readonly version: number;
  readonly isAsked: boolean;
}

const EMPTY: Object = { texts: {}, version: 0, isAsked: false };

/** What a cluster keeps, in memory; away while a test says so. */
export class KeptCertificates implements CertificateStore {
  readonly #objects = new Map<Kept, Object>();
  #versions = 0;
  isAway = false;
  /** What happens right before the next write: somebody is faster. */
  before: (() => Promise<unknown>) | undefined;

  texts(what: Kept): Readonly<Record<string, string>> {
    return this.#of(what).texts;
  }

  ask(): void {
    this.#put('authority', { ...this.#of('authority'), isAsked: true });
  }

  delete(what: Kept): void {
    this.#objects.delete(what);
  }

  overwrite(what: Kept, texts: Readonly<Record<string, string>>): void {
    this.#put(what, { ...this.#of(what), texts });
  }

  async read(what: Kept): Promise<KeptTexts> {
    await this.#answer();
    const { texts, version, isAsked } = this.#of(what);
    return { texts, version: String(version), isAsked };
  }

  async write(what: Kept, texts: Readonly<Record<string, string>>, version: string): Promise<boolean> {
    const { before } = this;
    this.before = undefined;
    await before?.();
    await this.#answer();
    if (String(this.#of(what).version) !== version) return false;
    this.#put(what, { texts: { ...this.#of(what).texts, ...texts }, isAsked: false });
    return true;
  }

  #of(what: Kept): Object {
    return this.#objects.get(what) ?? EMPTY;
  }

  #put(what: Kept, object: Omit<Object, 'version'>): void {
    this.#objects.set(what, { ...object, version: ++this.#versions });
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw new OpError('Unavailable', 'the API server is away');
  }
}
