import { experimental, Metadata, status } from '@grpc/grpc-js';
import { lookup } from 'node:dns/promises';
import { type Monotonic, NEVER } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Lookup, NameMemory } from './name-memory.ts';

/** Where the address of a server names none. */
const HTTPS_PORT = 443;
/**
 * Between two answers for a channel. The library asks again whenever nobody answers at an address, and where that is
 * known already it does so while it still hears the answer: without a pause nothing else of the process goes on.
 */
const PAUSE_MS = 1_000;

const systemLookup: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * From now on the gRPC library, which etcd's client is made of too, takes addresses of names from one memory of this
 * process. Without it every new channel asks the name server, and no channel comes about while that is away.
 */
export function rememberNames(clock: Clock, ask: Lookup = systemLookup): void {
  const memory = new NameMemory(ask, clock);

  class RememberedNames implements experimental.Resolver {
    readonly #target: experimental.GrpcUri;
    readonly #listener: experimental.ResolverListener;
    /** The question whose answer is told; that of an older one is not. */
    #question: symbol | undefined;
    #answeredAt: Monotonic = NEVER;
    #cancel: (() => void) | undefined;

    constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
      this.#target = target;
      this.#listener = listener;
    }

    static getDefaultAuthority({ path }: experimental.GrpcUri): string {
      return path;
    }

    updateResolution(): void {
      if (this.#question || this.#cancel) return;
      const waitMs = this.#answeredAt + PAUSE_MS - clock.now();
      if (waitMs <= 0) return this.#ask();
      this.#cancel = clock.after(waitMs, () => {
        this.#cancel = undefined;
        this.#ask();
      });
    }

    destroy(): void {
      this.#question = undefined;
      this.#cancel?.();
      this.#cancel = undefined;
    }

    #ask(): void {
      const question = Symbol('question');
      this.#question = question;
      void this.#resolve().then((endpoints) => {
        if (this.#question !== question) return;
        this.#question = undefined;
        // Before it is told: the library asks again meanwhile.
        this.#answeredAt = clock.now();
        this.#listener(endpoints, {}, null, '');
      });
    }

    async #resolve(): Promise<experimental.StatusOr<experimental.Endpoint[]>> {
      const { host, port = HTTPS_PORT } = experimental.splitHostPort(this.#target.path) ?? { host: this.#target.path };
      try {
        const addresses = await memory.addressesOf(host);
        return experimental.statusOrFromValue(addresses.map((address) => ({ addresses: [{ host: address, port }] })));
      } catch (error) {
        return unavailable(`no address of ${host}: ${String(error)}`);
      }
    }
  }

  experimental.registerResolver('dns', RememberedNames);
}

const unavailable = (details: string): experimental.StatusOr<experimental.Endpoint[]> =>
  experimental.statusOrFromError({ code: status.UNAVAILABLE, details, metadata: new Metadata() });
