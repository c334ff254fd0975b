import {
  type Authority,
  AUTHORITY_MS,
  type AuthorityBook,
  type AuthorityStep,
  bookText,
  created,
  dueStep,
  promoted,
  published,
  readBook,
  retired,
  trustedOf,
} from '../../core/certificates/authority-book.ts';
import { OpError } from '../../core/op-error.ts';
import type { CertificateStore, KeptTexts } from '../../ports/certificate-store.ts';
import type { Certifier } from '../../ports/certifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TrustFile } from '../../ports/leaf-files.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { EtcdCertificate } from './etcd-certificate.ts';
import { errorText } from '../../core/error-text.ts';

export interface AuthorityKeeperPorts {
  readonly store: CertificateStore;
  readonly certifier: Certifier;
  /** Of this process. */
  readonly trust: TrustFile;
  /** Undefined: etcd has its certificates from elsewhere. */
  readonly etcd: EtcdCertificate | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Names of the texts in the kept objects. */
export const BOOK = 'authorities.json';
export const TRUST = 'ca.crt';

const LOOK_MS = 60_000;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;
/** Others are as fast as we are; then it is their turn. */
const MAX_TRIES = 8;

/**
 * Looks after the authorities of the cluster, as every controller does: whoever is first takes the step that is due, and
 * the others find it taken.
 */
export class AuthorityKeeper {
  readonly #ports: AuthorityKeeperPorts;
  #book: AuthorityBook | undefined;
  /** The next authority that etcd's members know. */
  #learned: string | undefined;
  #failures = 0;
  #told: string | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(ports: AuthorityKeeperPorts) {
    this.#ports = ports;
  }

  /** The one that certifies; undefined: not known yet. */
  issuer(): Authority | undefined {
    return this.#book?.issuer;
  }

  /** Goes on by itself; resolves after the first try. Never rejects: what is wrong is logged, once. */
  async start(): Promise<void> {
    await this.#look();
    if (!this.#stopped) this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #arm(): void {
    const waitMs =
      this.#failures === 0 ? LOOK_MS : Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#failures, 10));
    const spreadMs = waitMs * (0.75 + this.#ports.random.fraction() / 2);
    this.#cancel = this.#ports.clock.after(spreadMs, () => void this.start());
  }

  async #look(): Promise<void> {
    try {
      const book = await this.#settle();
      this.#book = book;
      await this.#tellTrust(trustedOf(book));
      if (await this.#ports.etcd?.renew(book)) this.#learned = book.next?.certificate;
      this.#failures = 0;
      this.#told = undefined;
    } catch (error) {
      this.#failures++;
      const reason = errorText(error);
      if (reason !== this.#told)
        this.#ports.log.log('warn', 'the certificates of the cluster cannot be looked after', { reason });
      this.#told = reason;
    }
  }

  /** Takes steps until none is due. */
  async #settle(): Promise<AuthorityBook> {
    const { store, clock, etcd } = this.#ports;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const kept = await store.read('authority');
      const book = bookIn(kept);
      // Somebody has deleted it: it comes back as it was, and nobody notices.
      if (!book && this.#book) {
        if (await this.#write(this.#book, kept)) this.#tell('were deleted, and are as before');
        continue;
      }
      const isLearned = etcd === undefined || book?.next?.certificate === this.#learned;
      const facts = { isAsked: kept.isAsked, isLearned };
      const step = dueStep(book, clock.wallNow().getTime(), facts);
      const next = await this.#after(step, book);
      if (next === undefined) {
        if (book) return book;
        continue;
      }
      if (await this.#write(next, kept)) this.#tell(...wordsOf(step));
    }
    throw new OpError('Conflict', 'others keep changing the authorities of the cluster');
  }

  async #after(step: AuthorityStep, book: AuthorityBook | undefined): Promise<AuthorityBook | undefined> {
    const { certifier, clock } = this.#ports;
    const nowMs = clock.wallNow().getTime();
    switch (step.kind) {
      case 'create':
        return created(await certifier.createAuthority(nowMs + AUTHORITY_MS));
      case 'publish':
        return book && published(book, await certifier.createAuthority(nowMs + AUTHORITY_MS), nowMs);
      case 'promote':
        return book && promoted(book, nowMs);
      case 'retire':
        return book && retired(book, nowMs);
      case 'none':
        return undefined;
    }
  }

  #write(book: AuthorityBook, { version }: KeptTexts): Promise<boolean> {
    return this.#ports.store.write('authority', { [BOOK]: bookText(book), [TRUST]: trustedOf(book) }, version);
  }

  /** This process first: what it issues must be good in its own eyes. */
  async #tellTrust(authorities: string): Promise<void> {
    const { store, trust } = this.#ports;
    if ((await trust.authorities()) !== authorities) await trust.trust(authorities);
    const kept = await store.read('trust');
    if (kept.texts[TRUST] !== authorities) await store.write('trust', { [TRUST]: authorities }, kept.version);
  }

  #tell(what: string, fields: object = {}): void {
    this.#ports.log.log('info', `the certificate authorities of the cluster ${what}`, { ...fields });
  }
}

function bookIn({ texts }: KeptTexts): AuthorityBook | undefined {
  const text = texts[BOOK];
  if (text === undefined) return undefined;
  const book = readBook(text);
  if (book) return book;
  const message = `${BOOK} in the Secret of the authority is not what controllers write; restore it, or delete the Secret`;
  throw new OpError('InvalidInput', message);
}

function wordsOf(step: AuthorityStep): [what: string, fields?: object] {
  switch (step.kind) {
    case 'create':
      return ['begin with a new one'];
    case 'publish':
      return ['have another one, which will certify in an hour', { reason: step.reason }];
    case 'promote':
      return ['changed: the newer one certifies from now on'];
    case 'retire':
      return ['are fewer: former ones are trusted no more'];
    case 'none':
      return ['are as before'];
  }
}
