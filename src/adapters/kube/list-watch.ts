/**
 * Which request keeps a copy of one collection whole and current.
 *
 *              page with a continue token        event, bookmark
 *                     +------+                       +------+
 *                     |      v    last page          |      v
 *   (start) -------> listing ----------------------> watching
 *                     ^   | failed             ended |  | ERROR 410, HTTP 410, refused too often
 *                     |   v                          v  |
 *                    waiting <-----------------------+<-+
 *                     `--- elapsed: list again, or watch on from the last version
 *
 * A watch that breaks is resumed from the last version and reported only when it cannot be resumed: servers and load
 * balancers close idle connections all day.
 */
import { backoffMs, type BackoffPolicy } from './backoff.ts';
import type { KubeObject } from './objects.ts';
import type { WatchEvent } from './watch-lines.ts';

export type ListWatchState =
  | {
      readonly kind: 'listing';
      /** Undefined: the first page. */
      readonly continueToken: string | undefined;
      /** Objects of the pages so far. */
      readonly objects: readonly KubeObject[];
      readonly failures: number;
    }
  | { readonly kind: 'watching'; readonly resourceVersion: string; readonly failures: number }
  | {
      readonly kind: 'waiting';
      readonly delayMs: number;
      /** Undefined: list afterwards. */
      readonly resourceVersion: string | undefined;
      readonly failures: number;
    };

export type ListWatchEvent =
  | {
      readonly kind: 'page';
      readonly objects: readonly KubeObject[];
      readonly continueToken: string | undefined;
      readonly resourceVersion: string;
    }
  | { readonly kind: 'list-failed'; readonly error: Error }
  | { readonly kind: 'watch-opened' }
  /** The server answered the watch with an error; `status` 0: it did not answer. */
  | { readonly kind: 'watch-refused'; readonly status: number; readonly error: Error }
  | { readonly kind: 'line'; readonly event: WatchEvent }
  /** The stream ended or broke after it was open for `lastedMs`. */
  | { readonly kind: 'watch-ended'; readonly lastedMs: number }
  | { readonly kind: 'elapsed' };

export type ListWatchOutput =
  | { readonly kind: 'replace'; readonly objects: readonly KubeObject[] }
  | { readonly kind: 'put' | 'delete'; readonly object: KubeObject }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'fault'; readonly error: Error };

export interface ListWatchStep {
  readonly state: ListWatchState;
  readonly outputs: readonly ListWatchOutput[];
}

/** A watch that lived this long ended in the course of things, and the next one may start at once. */
const LONG_WATCH_MS = 5_000;
/** So many refusals by a server that answers: our version may be unknown to it (a restored etcd), so list anew. */
const REFUSALS_BEFORE_LIST = 3;
const GONE = 410;

export const BACKOFF: BackoffPolicy = { firstMs: 100, maxMs: 5_000 };

export const firstState = (): ListWatchState => listing(0);

const listing = (failures: number): ListWatchState => ({
  kind: 'listing',
  continueToken: undefined,
  objects: [],
  failures,
});

/** `fraction` (uniform in [0, 1)) spreads the delays. An event that does not belong to the state changes nothing. */
export function advance(state: ListWatchState, event: ListWatchEvent, fraction: number): ListWatchStep {
  switch (state.kind) {
    case 'listing':
      return whileListing(state, event, fraction);
    case 'watching':
      return whileWatching(state, event, fraction);
    case 'waiting':
      if (event.kind !== 'elapsed') return { state, outputs: [] };
      return state.resourceVersion === undefined
        ? { state: listing(state.failures), outputs: [] }
        : {
            state: { kind: 'watching', resourceVersion: state.resourceVersion, failures: state.failures },
            outputs: [],
          };
  }
}

type Listing = Extract<ListWatchState, { kind: 'listing' }>;
type Watching = Extract<ListWatchState, { kind: 'watching' }>;

function whileListing(state: Listing, event: ListWatchEvent, fraction: number): ListWatchStep {
  if (event.kind === 'list-failed') {
    // The pages belong together, so all of them are read again.
    return {
      state: wait(state.failures + 1, undefined, fraction),
      outputs: [{ kind: 'fault', error: event.error }],
    };
  }
  if (event.kind !== 'page') return { state, outputs: [] };
  const objects = [...state.objects, ...event.objects];
  if (event.continueToken !== undefined) {
    return { state: { ...state, continueToken: event.continueToken, objects }, outputs: [] };
  }
  return {
    state: { kind: 'watching', resourceVersion: event.resourceVersion, failures: state.failures },
    outputs: [{ kind: 'replace', objects }],
  };
}

function whileWatching(state: Watching, event: ListWatchEvent, fraction: number): ListWatchStep {
  const failures = state.failures + 1;
  switch (event.kind) {
    case 'watch-opened':
      return { state, outputs: [{ kind: 'healthy' }] };
    case 'watch-ended': {
      const long = event.lastedMs >= LONG_WATCH_MS;
      return {
        state: long
          ? { kind: 'waiting', delayMs: 0, resourceVersion: state.resourceVersion, failures: 0 }
          : wait(failures, state.resourceVersion, fraction),
        outputs: [],
      };
    }
    case 'watch-refused': {
      const anew = event.status === GONE || (event.status > 0 && failures >= REFUSALS_BEFORE_LIST);
      return {
        state: wait(failures, anew ? undefined : state.resourceVersion, fraction),
        // One refusal alone is everyday life of a server that has just begun to serve a resource.
        outputs: event.status === GONE || failures < 2 ? [] : [{ kind: 'fault', error: event.error }],
      };
    }
    case 'line':
      return onLine(state, event.event, fraction);
    case 'page':
    case 'list-failed':
    case 'elapsed':
      return { state, outputs: [] };
  }
}

function onLine(state: Watching, event: WatchEvent, fraction: number): ListWatchStep {
  switch (event.kind) {
    case 'put':
    case 'deleted': {
      const { object } = event;
      return {
        state: { ...state, resourceVersion: object.metadata.resourceVersion, failures: 0 },
        outputs: [{ kind: event.kind === 'put' ? 'put' : 'delete', object }],
      };
    }
    case 'bookmark':
      return { state: { ...state, resourceVersion: event.resourceVersion, failures: 0 }, outputs: [] };
    case 'error': {
      const failures = state.failures + 1;
      const anew = event.status === GONE || failures >= REFUSALS_BEFORE_LIST;
      return { state: wait(failures, anew ? undefined : state.resourceVersion, fraction), outputs: [] };
    }
  }
}

const wait = (failures: number, resourceVersion: string | undefined, fraction: number): ListWatchState => ({
  kind: 'waiting',
  delayMs: backoffMs(BACKOFF, failures, fraction),
  resourceVersion,
  failures,
});
