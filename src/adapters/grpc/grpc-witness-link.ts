import { nodeIdentity } from '../../core/identity.ts';
import type { NodeName } from '../../core/ids.ts';
import type { WitnessMessage } from '../../core/witness-messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Sockets } from '../../ports/sockets.ts';
import type { WitnessEvent, WitnessLink, WitnessPeer as PeerAddresses } from '../../ports/witness-link.ts';
import { callSecurity } from './credentials.ts';
import { costOf, type RefusalCause } from './decoded.ts';
import { callerOf, GrpcServer } from './grpc-server.ts';
import type { Rate } from '../../core/rate-limit.ts';
import { Refusals } from './refusals.ts';
import { type WitnessCall, WitnessDesk } from './witness-desk.ts';
import { CONFIRM, type QuestionWords } from './witness-method.ts';
import { WitnessPeer } from './witness-peer.ts';

export interface WitnessLinkOptions {
  readonly self: NodeName;
  /** Where we answer: "10.0.0.1:7481" or "[2001:db8::1]:7481", each by itself. */
  readonly listen: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  /** Undefined: without encryption. */
  readonly credentials?: Credentials | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

const SERVICE = { confirm: CONFIRM };
/** Up to so many peers we stay connected to; of more of them, each is connected to when it is asked. */
const EAGER_PEERS = 16;
/** An address of ours that is not there yet is tried again this often. */
const BIND_RETRY_MS = 1_000;
/** A peer asks at most with every heartbeat, of which there are 50 a second. */
const QUESTIONS: Rate = { burst: 1_000, perSecond: 200 };

/** An agent's questions to its peers and theirs to it. */
export class GrpcWitnessLink implements WitnessLink {
  readonly #options: WitnessLinkOptions;
  readonly #refusals: Refusals;
  readonly #desk: WitnessDesk;
  readonly #securityOf: ReturnType<typeof callSecurity>;
  readonly #servers = new Map<string, GrpcServer>();
  readonly #retries = new Map<string, () => void>();
  readonly #peers = new Map<NodeName, { readonly key: string; readonly peer: WitnessPeer }>();
  readonly #closing = new Set<Promise<void>>();
  readonly #calls = new Set<WitnessCall>();
  #stopped = false;
  #onEvent: (event: WitnessEvent) => void = () => undefined;

  constructor(options: WitnessLinkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
    this.#securityOf = callSecurity(options);
    this.#desk = new WitnessDesk(options.self);
  }

  /** An address that cannot be bound is logged and tried again: without it we have one way less, not none. */
  async start(onEvent: (event: WitnessEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    await Promise.all(this.#options.listen.map((listen) => this.#serve(listen, 'warn')));
  }

  peers(list: readonly PeerAddresses[]): void {
    const others = list.filter(({ node }) => node !== this.#options.self);
    const eager = others.length <= EAGER_PEERS;
    const wanted = new Map(others.map((peer) => [peer.node, `${eager} ${[...peer.addresses].sort().join(' ')}`]));
    for (const [node, { key, peer }] of this.#peers) {
      if (wanted.get(node) === key) continue;
      this.#peers.delete(node);
      this.#close(peer);
    }
    if (this.#stopped) return;
    for (const { node, addresses } of others) {
      const key = wanted.get(node) ?? '';
      if (!this.#peers.has(node)) this.#peers.set(node, { key, peer: this.#newPeer(node, addresses, eager) });
    }
  }

  send(to: NodeName, message: WitnessMessage): void {
    switch (message.kind) {
      case 'confirm-request':
        this.#peers.get(to)?.peer.ask(message);
        return;
      case 'confirm-answer':
        this.#desk.answer(message);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#onEvent = () => undefined;
    for (const cancel of this.#retries.values()) cancel();
    this.peers([]);
    for (const call of this.#calls) call.end();
    await Promise.all([...this.#closing, ...Array.from(this.#servers.values(), (server) => server.withdraw(SERVICE))]);
  }

  async #serve(listen: string, level: 'warn' | 'debug'): Promise<void> {
    const { clock, log, metrics, credentials } = this.#options;
    const server = new GrpcServer({ listen, credentials, clock, log, metrics });
    this.#servers.set(listen, server);
    try {
      await server.serve(SERVICE, { confirm: (call: WitnessCall) => this.#accept(call, server) });
    } catch (error) {
      await server.withdraw(SERVICE);
      if (this.#stopped) return;
      log.log(level, 'peers cannot ask here', { listen, err: error });
      this.#retries.set(
        listen,
        clock.after(BIND_RETRY_MS, () => void this.#serve(listen, 'debug')),
      );
    }
  }

  #accept(call: WitnessCall, server: GrpcServer): void {
    this.#calls.add(call);
    const expel = (reason: RefusalCause, detail: string): void => {
      this.#refusals.refuse(reason, detail, call.getPeer());
      server.hangUp(call);
    };
    call.on('data', (words: QuestionWords) => {
      if (!server.keepsTo(QUESTIONS, call, costOf(words))) {
        expel('too-fast', `more than ${QUESTIONS.perSecond} questions a second`);
      } else if (!words.ok) {
        this.#refusals.refuse(words.reason, words.detail, call.getPeer());
      } else if (!server.speaksFor(call, nodeIdentity(words.value.node))) {
        expel('impostor', `the certificate of ${callerOf(call) ?? 'nobody'} asks for ${words.value.node}`);
      } else if (this.#desk.take(words.value, call)) {
        this.#onEvent({ kind: 'message', from: words.value.node, message: words.value });
      }
    });
    for (const event of ['end', 'cancelled', 'close', 'error']) {
      call.on(event, () => {
        this.#calls.delete(call);
        call.end();
      });
    }
  }

  #newPeer(node: NodeName, addresses: readonly string[], eager: boolean): WitnessPeer {
    return new WitnessPeer({
      streams: addresses.map((address) => ({
        ...this.#options,
        address,
        method: CONFIRM,
        security: this.#securityOf(nodeIdentity(node)),
        refusals: this.#refusals,
      })),
      eager,
      isFromPeer: ({ from }, address) => {
        if (from !== node) this.#refusals.refuse('stranger', `${from} answers where ${node} should be`, address);
        return from === node;
      },
      onAnswer: (message) => this.#onEvent({ kind: 'message', from: node, message }),
    });
  }

  #close(peer: WitnessPeer): void {
    const closed = peer.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}
