import { type ElectorateMember, isSameMember } from '../../core/electorate.ts';
import { controllerIdentity } from '../../core/identity.ts';
import type { ControllerId } from '../../core/ids.ts';
import type { PeerMessage } from '../../core/peer-messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PeerEvent, PeerLink } from '../../ports/peer-link.ts';
import type { Random } from '../../ports/random.ts';
import type { Sockets } from '../../ports/sockets.ts';
import { callSecurity } from './credentials.ts';
import { costOf, type RefusalCause } from './decoded.ts';
import { callerOf, type GrpcServer } from './grpc-server.ts';
import { Peer, type PeerCall } from './peer.ts';
import type { PeerFrame, PeerHello } from './peer-message-codec.ts';
import { EXCHANGE, type PeerWords } from './peer-method.ts';
import type { Rate } from '../../core/rate-limit.ts';
import { Refusals } from './refusals.ts';

export interface PeerLinkOptions {
  readonly self: ControllerId;
  /** Whose port the others connect to. */
  readonly server: GrpcServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  /** For the streams that we open; those of the others are the server's affair. Undefined: without encryption. */
  readonly credentials?: Credentials | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

const SERVICE = { exchange: EXCHANGE };
/** A stream that has not begun by then is ended. */
const HELLO_MS = 5_000;
/** A controller has 100 beats a second to send, and the table of the leases of all nodes when it changes. */
const MESSAGES: Rate = { burst: 20_000, perSecond: 5_000 };

/** A controller's streams with all others: of each pair both open one, and a message takes whichever is there. */
export class GrpcPeerLink implements PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #refusals: Refusals;
  readonly #hello: PeerHello;
  readonly #securityOf: ReturnType<typeof callSecurity>;
  readonly #peers = new Map<ControllerId, { readonly member: ElectorateMember; readonly peer: Peer }>();
  #serving = false;
  readonly #strangers = new Set<PeerCall>();
  #onEvent: (event: PeerEvent) => void = () => undefined;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options);
    this.#securityOf = callSecurity(options);
    this.#hello = { kind: 'hello', id: options.self };
  }

  /** Rejects with OpError where the address cannot be bound. */
  async start(onEvent: (event: PeerEvent) => void): Promise<void> {
    this.#onEvent = onEvent;
    await this.#options.server.serve(SERVICE, { exchange: (call: PeerCall) => this.#accept(call) });
    this.#serving = true;
    for (const { peer } of this.#peers.values()) peer.open();
  }

  connect(controllers: readonly ElectorateMember[]): void {
    for (const [id, { member, peer }] of this.#peers) {
      if (controllers.some((wanted) => isSameMember(wanted, member))) continue;
      this.#peers.delete(id);
      void peer.close();
    }
    for (const member of controllers) {
      const { id, address } = member;
      if (this.#peers.has(id)) continue;
      const peer = this.#newPeer(id, address);
      this.#peers.set(id, { member, peer });
      if (this.#serving) peer.open();
    }
  }

  send(to: ControllerId, message: PeerMessage): void {
    this.#peers.get(to)?.peer.send(message);
  }

  async stop(): Promise<void> {
    this.#onEvent = () => undefined;
    for (const call of this.#strangers) call.end();
    await Promise.all(Array.from(this.#peers.values(), ({ peer }) => peer.close()));
    await this.#options.server.withdraw(SERVICE);
  }

  #newPeer(id: ControllerId, address: string): Peer {
    const security = this.#securityOf(controllerIdentity(id));
    return new Peer({
      stream: { ...this.#options, address, security, method: EXCHANGE, refusals: this.#refusals },
      hello: this.#hello,
      isGreeting: (frame) => this.#greetedBy(frame, address, [id]) === id,
      onMessage: (frame) => this.#pass(id, frame, address),
    });
  }

  #pass(from: ControllerId, frame: PeerFrame, address: string): void {
    if (frame.kind === 'hello') this.#refusals.refuse('bad-value', `${from} says hello again`, address);
    else this.#onEvent({ kind: 'message', from, message: frame });
  }

  /** Who says hello, where it is one of those that we talk to; undefined where it is refused. */
  #greetedBy(frame: PeerFrame, address: string, known: readonly ControllerId[]): ControllerId | undefined {
    if (frame.kind !== 'hello') {
      this.#refusals.refuse('no-hello', `the stream begins with ${frame.kind}`, address);
    } else if (!known.includes(frame.id)) {
      this.#refusals.refuse('stranger', `${frame.id} is none of ${known.join(', ')}`, address);
    } else {
      return frame.id;
    }
    return undefined;
  }

  #accept(call: PeerCall): void {
    const address = call.getPeer();
    const { clock, server } = this.#options;
    let from: ControllerId | undefined;
    this.#strangers.add(call);
    const reject = (reason: RefusalCause, detail: string): void => {
      this.#refusals.refuse(reason, detail, address);
      call.end();
    };
    const expel = (reason: RefusalCause, detail: string): void => {
      reject(reason, detail);
      server.hangUp(call);
    };
    const disarm = clock.after(HELLO_MS, () => reject('no-hello', `the stream has not begun in ${HELLO_MS} ms`));
    call.on('data', (words: PeerWords) => {
      if (!server.keepsTo(MESSAGES, call, costOf(words))) {
        return expel('too-fast', `more than ${MESSAGES.perSecond} messages a second`);
      }
      if (!words.ok) return this.#refusals.refuse(words.reason, words.detail, address);
      if (from !== undefined) return this.#pass(from, words.value, address);
      const greeted = this.#greetedBy(words.value, address, [...this.#peers.keys()]);
      if (greeted === undefined) return void call.end();
      if (!server.speaksFor(call, controllerIdentity(greeted))) {
        return expel('impostor', `the certificate of ${callerOf(call) ?? 'nobody'} says that it is ${greeted}`);
      }
      disarm();
      from = greeted;
      this.#strangers.delete(call);
      return this.#peers.get(from)?.peer.accept(call);
    });
    for (const event of ['end', 'cancelled', 'close', 'error']) {
      call.on(event, () => {
        disarm();
        this.#strangers.delete(call);
        if (from !== undefined) this.#peers.get(from)?.peer.forget(call);
        call.end();
      });
    }
  }
}
