import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { ApiClient, OpenWatch } from './api-client.ts';
import { expectOk, refusal } from './errors.ts';
import { advance, firstState, type ListWatchEvent, type ListWatchOutput, type ListWatchState } from './list-watch.ts';
import { isRecord, parseObject, pathOf, type FollowedResource, type KubeObject } from './objects.ts';
import { LineSplitter, parseWatchLine } from './watch-lines.ts';

export interface ReflectorOptions {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly resource: FollowedResource;
  /** A watch that says nothing for so long is dead. More than a minute: bookmarks come about once in it. */
  readonly watchSilenceMs: number;
  readonly onOutput: (output: ListWatchOutput) => void;
}

const PAGE_SIZE = '500';
/** The server ends each watch after this time; kept below the 5 minutes after which load balancers like to. */
const WATCH_SECONDS = '290';
/** An answer, but none that we understand. */
const NONSENSE = 500;

/** Keeps a copy of one collection: performs the request that each state of list-watch.ts stands for. */
export class Reflector {
  readonly #options: ReflectorOptions;
  #state: ListWatchState = firstState();
  /** Aborts when what is under way does not count any more. */
  #anew = new AbortController();

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  /** Lists anew, by a request that begins now: the next `replace` is its answer. */
  relist(): void {
    this.#state = firstState();
    this.#anew.abort();
    this.#anew = new AbortController();
  }

  /** Returns only when `ended` aborts; never rejects. */
  async run(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const state = this.#state;
      const signal = AbortSignal.any([ended, this.#anew.signal]);
      switch (state.kind) {
        case 'listing':
          this.#feed(await this.#list(state.continueToken), signal);
          break;
        case 'watching':
          await this.#watch(state.resourceVersion, signal);
          break;
        case 'waiting':
          await this.#sleep(state.delayMs, signal);
          this.#feed({ kind: 'elapsed' }, signal);
          break;
      }
    }
  }

  #feed(event: ListWatchEvent, signal: AbortSignal): void {
    if (signal.aborted) return;
    const step = advance(this.#state, event, this.#options.random.fraction());
    this.#state = step.state;
    for (const output of step.outputs) this.#options.onOutput(output);
  }

  async #list(continueToken: string | undefined): Promise<ListWatchEvent> {
    const { api, resource } = this.#options;
    try {
      const reply = await api.call({
        method: 'GET',
        path: pathOf(resource),
        query: { limit: PAGE_SIZE, ...(continueToken === undefined ? {} : { continue: continueToken }) },
        ...accepted(resource, 'PartialObjectMetadataList'),
      });
      return parsePage(expectOk(reply, { verb: 'list', resource }));
    } catch (error) {
      return { kind: 'list-failed', error: asError(error) };
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { api, resource, clock } = this.#options;
    const query = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: WATCH_SECONDS, resourceVersion };
    try {
      const call = {
        method: 'GET',
        path: pathOf(resource),
        query,
        ...accepted(resource, 'PartialObjectMetadata'),
      } as const;
      const opened = await api.watch(call, signal);
      if ('status' in opened) {
        const error = refusal(opened, { verb: 'watch', resource });
        this.#feed({ kind: 'watch-refused', status: opened.status, error }, signal);
        return;
      }
      this.#feed({ kind: 'watch-opened' }, signal);
      const openedAt = clock.now();
      await this.#follow(opened, signal);
      this.#feed({ kind: 'watch-ended', lastedMs: clock.now() - openedAt }, signal);
    } catch (error) {
      this.#feed({ kind: 'watch-refused', status: 0, error: asError(error) }, signal);
    }
  }

  /** Reads until the stream ends, breaks, falls silent or talks nonsense; the state then still says "watching". */
  async #follow(watch: OpenWatch, signal: AbortSignal): Promise<void> {
    const { clock, watchSilenceMs } = this.#options;
    const lines = new LineSplitter();
    let cancel = clock.after(watchSilenceMs, () => watch.close());
    try {
      for await (const chunk of watch.chunks) {
        cancel();
        cancel = clock.after(watchSilenceMs, () => watch.close());
        for (const line of lines.push(chunk)) {
          this.#feed({ kind: 'line', event: parseWatchLine(line) }, signal);
          if (signal.aborted || this.#state.kind !== 'watching') return;
        }
      }
    } catch (error) {
      if (error instanceof OpError) this.#feed({ kind: 'watch-refused', status: NONSENSE, error }, signal);
      // How else it broke does not matter: it is resumed, and only what prevents that is reported.
    } finally {
      cancel();
      watch.close();
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        cancel();
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

const accepted = ({ isMetadataOnly }: FollowedResource, kind: string): { accept?: string } =>
  isMetadataOnly === true ? { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` } : {};

function parsePage(body: unknown): ListWatchEvent {
  const metadata = isRecord(body) ? body['metadata'] : undefined;
  // An empty list of metadata alone comes as null.
  const items = isRecord(body) ? (body['items'] === null ? [] : body['items']) : undefined;
  if (!isRecord(metadata) || typeof metadata['resourceVersion'] !== 'string' || !Array.isArray(items)) {
    throw new OpError('Internal', 'the API server answered a list with something else', { retryable: true });
  }
  const token = metadata['continue'];
  return {
    kind: 'page',
    objects: items.map(parseObject).filter((object): object is KubeObject => object !== undefined),
    continueToken: typeof token === 'string' && token !== '' ? token : undefined,
    resourceVersion: metadata['resourceVersion'],
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
