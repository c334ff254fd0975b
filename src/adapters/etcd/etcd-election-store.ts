import { Etcd3, type IOptions, type Lease, type Watcher } from 'etcd3';
import { noop } from 'cockatiel';
import type { LeaseId, QueueEntry } from '../../core/election-types.ts';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import { compareTerms, type Term } from '../../core/term.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ElectionStore, ElectionView } from '../../ports/election-store.ts';
import { toOpError } from './etcd-errors.ts';
import { readTerm } from './master-record.ts';

export interface EtcdStoreOptions {
  /** Base URLs, all http or all https. */
  readonly hosts: readonly string[];
  /** "/vippool": all keys are below it. */
  readonly prefix: string;
  /** PEM; for https. */
  readonly tls?: {
    readonly ca?: Buffer | undefined;
    readonly cert?: Buffer | undefined;
    readonly key?: Buffer | undefined;
  };
  readonly clock: Clock;
  /** A call that is not answered by then has failed. Default 1000. */
  readonly deadlineMs?: number;
}

const WATCH_RETRY_MS = 500;

/**
 * `<prefix>/election/<id>` is a controller's place in the queue, `<prefix>/master` the record of the newest master.
 * The library's own election, lock and automatic keepalive notice a loss too late, so none of them is used.
 */
export class EtcdElectionStore implements ElectionStore {
  readonly #options: EtcdStoreOptions;
  readonly #client: Etcd3;
  readonly #leases = new Map<LeaseId, Lease>();
  /** The record exactly as it was read: a claim compares it. */
  #record: { readonly term: Term; readonly text: string } | undefined;

  constructor(options: EtcdStoreOptions) {
    this.#options = options;
    this.#client = new Etcd3(clientOptions(options));
  }

  async grant(ttlMs: number): Promise<LeaseId> {
    const lease = this.#client.lease(Math.round(ttlMs / 1_000), { autoKeepAlive: false });
    const id = (await this.#call('lease grant', () => lease.grant())) as LeaseId;
    this.#leases.set(id, lease);
    return id;
  }

  async renew(id: LeaseId): Promise<boolean> {
    const lease = this.#leases.get(id);
    if (!lease || lease.revoked()) return false;
    try {
      await this.#call('lease renewal', () => lease.keepaliveOnce({ deadline: this.#deadline() }));
      return true;
    } catch (error) {
      if (!lease.revoked()) throw error;
      this.#leases.delete(id);
      return false;
    }
  }

  async revoke(id: LeaseId): Promise<void> {
    const lease = this.#leases.get(id);
    if (!lease) return;
    this.#leases.delete(id);
    await this.#call('lease revocation', () => lease.revoke());
  }

  async enqueue(id: LeaseId, controller: ControllerId): Promise<boolean> {
    const key = this.#queueKey(controller);
    const lease = this.#leases.get(id);
    if (!lease) return false;
    const put = this.#client
      .put(key)
      .value(JSON.stringify({ id: controller }))
      .lease(id);
    const { succeeded } = await this.#call('enqueue', () =>
      this.#client.if(key, 'Create', '==', 0).then(put).else(this.#client.get(key)).commit(),
    );
    if (succeeded) return true;
    // An earlier try of this very call may have been applied although its answer was lost: then the key hangs on our lease.
    const { kvs } = await this.#call('enqueue', () => this.#client.get(key).exec());
    return kvs[0]?.lease === id;
  }

  async read(): Promise<ElectionView> {
    const prefix = `${this.#options.prefix}/`;
    const { kvs } = await this.#call('read', () => this.#client.getAll().prefix(prefix).exec());
    const queue: QueueEntry[] = [];
    this.#record = undefined;
    for (const { key, value, create_revision: revision } of kvs) {
      const path = key.toString().slice(prefix.length);
      if (path.startsWith('election/')) queue.push({ id: controllerId(path.slice('election/'.length)), revision });
      if (path === 'master') this.#record = { text: value.toString(), term: readTerm(value.toString()) };
    }
    const order = (a: QueueEntry, b: QueueEntry): number => (BigInt(a.revision) < BigInt(b.revision) ? -1 : 1);
    return { queue: queue.sort(order), master: this.#record?.term };
  }

  async claim(entry: QueueEntry, term: Term, previous: Term | undefined): Promise<boolean> {
    const key = `${this.#options.prefix}/master`;
    const text = JSON.stringify(term);
    // While our own key lives nothing can be created with a smaller revision: then we are still the first.
    const guarded = this.#client.if(this.#queueKey(entry.id), 'Create', '==', Number(entry.revision));
    const known =
      this.#record && previous && compareTerms(this.#record.term, previous) === 0 ? this.#record.text : undefined;
    if (previous && known === undefined) return false;
    if (known === undefined) guarded.and(key, 'Create', '==', 0);
    else guarded.and(key, 'Value', '==', known);
    const { succeeded } = await this.#call('claim', () => guarded.then(this.#client.put(key).value(text)).commit());
    if (succeeded) return true;
    return (await this.#call('claim', () => this.#client.get(key).string())) === text;
  }

  watch(changed: () => void): () => void {
    let current: Watcher | undefined;
    let cancelRetry: (() => void) | undefined;
    let stopped = false;
    const begin = async (): Promise<void> => {
      let failed = false;
      const again = (): void => {
        if (failed || stopped) return;
        failed = true;
        void current?.cancel().catch(() => undefined);
        cancelRetry = this.#options.clock.after(WATCH_RETRY_MS, () => void begin());
      };
      try {
        const watcher = this.#client.watch().prefix(`${this.#options.prefix}/`).watcher();
        current = watcher;
        watcher.on('data', changed).on('connected', changed).on('error', again);
        await Promise.resolve();
      } catch {
        again();
      }
    };
    void begin();
    return () => {
      stopped = true;
      cancelRetry?.();
      void current?.cancel().catch(() => undefined);
    };
  }

  close(): void {
    this.#client.close();
  }

  #queueKey(id: ControllerId): string {
    return `${this.#options.prefix}/election/${id}`;
  }

  #deadline(): number {
    return this.#options.clock.wallNow().getTime() + (this.#options.deadlineMs ?? 1_000);
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toOpError(what, error);
    }
  }
}

function clientOptions({ hosts, tls, clock, deadlineMs = 1_000 }: EtcdStoreOptions): IOptions {
  const deadline = (): number => clock.wallNow().getTime() + deadlineMs;
  const pair = tls?.cert && tls.key ? { certChain: tls.cert, privateKey: tls.key } : {};
  return {
    hosts: [...hosts],
    ...(hosts[0]?.startsWith('https') ? { credentials: { rootCertificate: tls?.ca ?? Buffer.alloc(0), ...pair } } : {}),
    // A transaction that is tried again behind our back can report failure after it has succeeded.
    faultHandling: { global: noop, host: () => noop },
    // The library has no deadlines of its own: a silent server would be waited for without end.
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: deadline() }),
    grpcOptions: { 'grpc.keepalive_time_ms': 5_000, 'grpc.keepalive_timeout_ms': 2_000 },
  };
}
