import { type ComparatorBuilder, type DeleteBuilder, Etcd3, type IOptions, type Lease } from 'etcd3';
import { noop } from 'cockatiel';
import type { Electorate } from '../../core/electorate.ts';
import type { LeaseId, QueueEntry } from '../../core/election-types.ts';
import { type ControllerId, controllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import { compareTerms, type Term } from '../../core/term.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials, KeyMaterial } from '../../ports/credentials.ts';
import type { ElectionStore, ElectionView } from '../../ports/election-store.ts';
import type { SocketScope, Sockets } from '../../ports/sockets.ts';
import { readElectorate, writeElectorate } from './electorate-record.ts';
import { toOpError } from './etcd-errors.ts';
import { readTerm } from './master-record.ts';
import { OwnChannels } from './own-channels.ts';
import { type ChannelSecurity, channelSecurity } from './provided-certificates.ts';
import { watchPrefix } from './watch-prefix.ts';

export interface EtcdStoreOptions {
  /** Base URLs, all http or all https. */
  readonly hosts: readonly string[];
  /** "/vippool": all keys are below it. */
  readonly prefix: string;
  /** For https; without authorities those of the system are trusted. Undefined: these, and no certificate of our own. */
  readonly credentials?: Credentials<Partial<KeyMaterial>> | undefined;
  readonly clock: Clock;
  readonly sockets: Sockets;
  /** A call that is not answered by then has failed. Default 1000. */
  readonly deadlineMs?: number;
}

interface MasterRecord {
  readonly term: Term;
  readonly text: string;
}

const DEADLINE_MS = 1_000;
/** Over the deadline; the library's own end of a call says more about the cause. */
const LATENESS_MS = 100;
const NOTHING_SEEN = { first: undefined, record: undefined };

/**
 * `<prefix>/election/<id>` is a controller's place in the queue, `<prefix>/master` the record of the newest master.
 * The library's own election, lock and automatic keepalive notice a loss too late, so none of them is used.
 */
export class EtcdElectionStore implements ElectionStore {
  readonly #options: EtcdStoreOptions;
  readonly #client: Etcd3;
  readonly #channels: OwnChannels;
  readonly #scope: SocketScope;
  readonly #pending = new Set<(error: OpError) => void>();
  readonly #leases = new Map<LeaseId, Lease>();
  readonly #watches = new Set<() => void>();
  /** What a claim is judged by: the head of the queue, and the record exactly as it was read. */
  #seen: { readonly first: QueueEntry | undefined; readonly record: MasterRecord | undefined } = NOTHING_SEEN;

  constructor(options: EtcdStoreOptions) {
    this.#options = options;
    this.#channels = new OwnChannels(securityOf(options));
    this.#client = new Etcd3(clientOptions(options, this.#channels));
    this.#scope = options.sockets.scope();
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
    const text = JSON.stringify({ id: controller });
    const { succeeded, responses } = await this.#call('enqueue', () =>
      this.#client
        .if(key, 'Create', '==', 0)
        .then(this.#client.put(key).value(text).lease(id))
        .else(this.#client.get(key))
        .commit(),
    );
    // An earlier try of this very call may have been applied although its answer was lost: the key hangs on our lease.
    return succeeded || responses[0]?.response_range?.kvs[0]?.lease === id;
  }

  async read(): Promise<ElectionView> {
    const prefix = `${this.#options.prefix}/`;
    const { kvs } = await this.#call('read', () => this.#client.getAll().prefix(prefix).exec());
    const queue: QueueEntry[] = [];
    let record: MasterRecord | undefined;
    this.#seen = NOTHING_SEEN;
    for (const { key, value, create_revision: revision } of kvs) {
      const path = key.toString().slice(prefix.length);
      if (path.startsWith('election/')) queue.push({ id: controllerId(path.slice('election/'.length)), revision });
      if (path === 'master') record = { text: value.toString(), term: readTerm(value.toString()) };
    }
    queue.sort((a, b) => (BigInt(a.revision) < BigInt(b.revision) ? -1 : 1));
    this.#seen = { first: queue[0], record };
    return { queue, master: record?.term };
  }

  claim(entry: QueueEntry, term: Term, previous: Term | undefined): Promise<boolean> {
    const { first } = this.#seen;
    // Revisions only grow: whoever was read as the first is the first for as long as this very key lives.
    const isFirst = first?.id === entry.id && first.revision === entry.revision;
    return this.#announce('claim', term, previous, isFirst ? this.#ifQueued(entry) : undefined);
  }

  takeOver(entry: QueueEntry, ahead: readonly QueueEntry[], term: Term, previous: Term | undefined): Promise<boolean> {
    const guarded = this.#ifQueued(entry);
    for (const { id, revision } of ahead) {
      // Of a key that has gone the revision is 0; one that was made again is somebody else's.
      guarded.and(this.#queueKey(id), 'Create', '<', Number(revision) + 1);
    }
    const deletions = ahead.map(({ id }) => this.#client.delete().key(this.#queueKey(id)));
    return this.#announce('takeover', term, previous, guarded, deletions);
  }

  async electorate(wanted: Electorate): Promise<Electorate> {
    const key = `${this.#options.prefix}/electorate`;
    const { succeeded, responses } = await this.#call('electorate', () =>
      this.#client
        .if(key, 'Create', '==', 0)
        .then(this.#client.put(key).value(writeElectorate(wanted)))
        .else(this.#client.get(key))
        .commit(),
    );
    if (succeeded) return wanted;
    return readElectorate(responses[0]?.response_range?.kvs[0]?.value.toString() ?? '');
  }

  async changeElectorate(from: Electorate, to: Electorate): Promise<Electorate> {
    const key = `${this.#options.prefix}/electorate`;
    const { succeeded, responses } = await this.#call('change of the electorate', () =>
      this.#client
        .if(key, 'Value', '==', writeElectorate(from))
        .then(this.#client.put(key).value(writeElectorate(to)))
        .else(this.#client.get(key))
        .commit(),
    );
    return succeeded ? to : readElectorate(responses[0]?.response_range?.kvs[0]?.value.toString() ?? '');
  }

  watch(changed: () => void): () => void {
    const { prefix, clock, sockets } = this.#options;
    const tell = (): void => sockets.outside(changed);
    const end = this.#scope.run(() => watchPrefix(this.#client, `${prefix}/`, clock, tell));
    this.#watches.add(end);
    return () => {
      if (this.#watches.delete(end)) end();
    };
  }

  /**
   * Ends everything that would keep the process alive: watches, which the library would connect for ever, calls that
   * are not answered, and connections that are still being made, which it would wait for.
   */
  close(): void {
    for (const end of this.#watches) end();
    this.#watches.clear();
    for (const fail of this.#pending) fail(new OpError('Unavailable', 'the client of etcd was closed'));
    this.#client.close();
    this.#channels.close();
    this.#scope.close();
  }

  #ifQueued({ id, revision }: QueueEntry): ComparatorBuilder {
    return this.#client.if(this.#queueKey(id), 'Create', '==', Number(revision));
  }

  /** Writes the master record as part of a transaction, only where the record is the one that was read. */
  async #announce(
    what: string,
    term: Term,
    previous: Term | undefined,
    guarded: ComparatorBuilder | undefined,
    deletions: readonly DeleteBuilder[] = [],
  ): Promise<boolean> {
    const key = `${this.#options.prefix}/master`;
    const text = JSON.stringify(term);
    const { record } = this.#seen;
    if (guarded && sameTerm(record?.term, previous)) {
      if (record) guarded.and(key, 'Value', '==', record.text);
      else guarded.and(key, 'Create', '==', 0);
      const put = this.#client.put(key).value(text);
      const { succeeded } = await this.#call(what, () => guarded.then(...deletions, put).commit());
      if (succeeded) return true;
    }
    // An earlier try may have been applied although its answer was lost.
    return (await this.#call(what, () => this.#client.get(key).string())) === text;
  }

  #queueKey(id: ControllerId): string {
    return `${this.#options.prefix}/election/${id}`;
  }

  #deadline(): number {
    return this.#options.clock.wallNow().getTime() + (this.#options.deadlineMs ?? DEADLINE_MS);
  }

  /** Nothing is waited for without end, whatever the library does with the deadlines that it was given. */
  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    const { clock, deadlineMs = DEADLINE_MS } = this.#options;
    let disarm = (): void => undefined;
    let fail = (_error: OpError): void => undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      fail = reject;
      disarm = clock.after(deadlineMs + LATENESS_MS, () => {
        reject(new OpError('DeadlineExceeded', `etcd ${what} failed: no answer within ${deadlineMs} ms`));
      });
    });
    this.#pending.add(fail);
    try {
      return await Promise.race([this.#scope.run(call), silence]);
    } catch (error) {
      throw toOpError(what, error);
    } finally {
      this.#pending.delete(fail);
      disarm();
    }
  }
}

const sameTerm = (a: Term | undefined, b: Term | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareTerms(a, b) === 0;

const securityOf = ({ credentials }: EtcdStoreOptions): ((host: string) => ChannelSecurity) | undefined =>
  credentials && ((host) => channelSecurity(credentials, host));

function clientOptions({ hosts, clock, deadlineMs = DEADLINE_MS }: EtcdStoreOptions, channels: OwnChannels): IOptions {
  const deadline = (): number => clock.wallNow().getTime() + deadlineMs;
  return {
    hosts: [...hosts],
    // A transaction that is tried again behind our back can report failure after it has succeeded.
    faultHandling: { global: noop, host: () => noop },
    // The library has no deadlines of its own: a silent server would be waited for without end.
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: deadline() }),
    grpcOptions: {
      // Connections of our own: closing the store cuts them, and nobody else's.
      'grpc.use_local_subchannel_pool': 1,
      channelFactoryOverride: channels.factory,
      'grpc.keepalive_time_ms': 5_000,
      'grpc.keepalive_timeout_ms': 2_000,
      // The electorate's traffic stays on the management network whatever proxy the environment names.
      'grpc.enable_http_proxy': 0,
    },
  };
}
