import { LEAF_MS } from './renewal.ts';

/** How long an authority is good. */
export const AUTHORITY_MS = 730 * 86_400_000;
/** It is replaced when less is left. */
const REPLACE_BEFORE_MS = 90 * 86_400_000;
/** Before it certifies, everybody must have learned to trust it: kubelets take up to two minutes. */
export const PUBLISHED_MS = 3_600_000;
/** Longer than anything lives that it has certified. */
const TRUSTED_AFTER_MS = LEAF_MS + 86_400_000;

/** PEM texts, with the end in ms since 1970. */
export interface Authority {
  readonly certificate: string;
  readonly privateKey: string;
  readonly untilMs: number;
}

/** The authorities of a cluster. Times are wall clock, in ms since 1970. */
export interface AuthorityBook {
  /** Certifies. */
  readonly issuer: Authority;
  /** Trusted already, and will certify next. */
  readonly next?: Authority & { readonly publishedAtMs: number };
  /** Still trusted, newest first; their keys are gone. */
  readonly former: readonly { readonly certificate: string; readonly trustedUntilMs: number }[];
}

/** What has to be done about the authorities now. */
export type AuthorityStep =
  /** There is none: make one. */
  | { readonly kind: 'create' }
  /** Make another one, which is trusted from now on and certifies later. */
  | { readonly kind: 'publish'; readonly reason: 'ends' | 'asked' }
  /** The published one certifies from now on. */
  | { readonly kind: 'promote' }
  /** Forget former ones: nothing is good any more that they have certified. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'none' };

export interface AuthorityFacts {
  /** Somebody wants another authority. */
  readonly isAsked: boolean;
  /** Those that read whom they trust at their start only were started since the next one was published. */
  readonly isLearned: boolean;
}

/** The step that is due. */
export function dueStep(
  book: AuthorityBook | undefined,
  nowMs: number,
  { isAsked, isLearned }: AuthorityFacts,
): AuthorityStep {
  if (!book) return { kind: 'create' };
  const { issuer, next, former } = book;
  if (next) {
    // Whoever is certified by one that has ended is out of service: there is nothing left to be careful about.
    const isOver = nowMs >= issuer.untilMs;
    if (isOver || (nowMs - next.publishedAtMs >= PUBLISHED_MS && isLearned)) return { kind: 'promote' };
  } else {
    if (isAsked) return { kind: 'publish', reason: 'asked' };
    if (issuer.untilMs - nowMs < REPLACE_BEFORE_MS) return { kind: 'publish', reason: 'ends' };
  }
  return former.some(({ trustedUntilMs }) => trustedUntilMs <= nowMs) ? { kind: 'retire' } : { kind: 'none' };
}

export const created = (issuer: Authority): AuthorityBook => ({ issuer, former: [] });

export const published = (book: AuthorityBook, next: Authority, nowMs: number): AuthorityBook => ({
  ...book,
  next: { ...next, publishedAtMs: nowMs },
});

export function promoted(book: AuthorityBook, nowMs: number): AuthorityBook {
  const { issuer, next, former } = book;
  if (!next) return book;
  const { certificate, privateKey, untilMs } = next;
  const trustedUntilMs = Math.min(issuer.untilMs, nowMs + TRUSTED_AFTER_MS);
  return {
    issuer: { certificate, privateKey, untilMs },
    former: [{ certificate: issuer.certificate, trustedUntilMs }, ...former],
  };
}

export const retired = (book: AuthorityBook, nowMs: number): AuthorityBook => ({
  ...book,
  former: book.former.filter(({ trustedUntilMs }) => trustedUntilMs > nowMs),
});

/** PEM text of everybody who is trusted, the one that certifies first. */
export const trustedOf = ({ issuer, next, former }: AuthorityBook): string =>
  [issuer, ...(next ? [next] : []), ...former].map(({ certificate }) => certificate).join('');

/** For keeping; `readBook` reads it. */
export const bookText = (book: AuthorityBook): string => JSON.stringify(book);

/** Undefined where the text is none of `bookText`. */
export function readBook(text: string): AuthorityBook | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isBook(value) ? value : undefined;
}

function isBook(value: unknown): value is AuthorityBook {
  if (!isRecord(value)) return false;
  const { issuer, next, former } = value;
  const isNext = next === undefined || (isAuthority(next) && isTime(next['publishedAtMs']));
  return isAuthority(issuer) && isNext && Array.isArray(former) && former.every(isFormer);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isAuthority = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && isText(value['certificate']) && isText(value['privateKey']) && isTime(value['untilMs']);
const isFormer = (value: unknown): boolean =>
  isRecord(value) && isText(value['certificate']) && isTime(value['trustedUntilMs']);
