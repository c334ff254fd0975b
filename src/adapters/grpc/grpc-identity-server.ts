import {
  ResponderBuilder,
  type sendUnaryData,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServerUnaryCall,
  status,
} from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials } from '../../ports/credentials.ts';
import type { IdentityServer, SignAnswer, SignRequest } from '../../ports/identity-service.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { IDENTITY_SERVER_OPTIONS } from './channel-options.ts';
import type { Decoded } from './decoded.ts';
import { GrpcServer } from './grpc-server.ts';
import { SIGN } from './identity-method.ts';
import { type Rate, RateLimit } from '../../core/rate-limit.ts';
import { Refusals } from './refusals.ts';

export interface IdentityServerOptions {
  /** "10.0.0.1:7484" or "[2001:db8::1]:7484" */
  readonly listen: string;
  /** With which the server proves itself; of clients none is asked for. */
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

type Call = ServerUnaryCall<Decoded<SignRequest>, Decoded<string>>;
type Reply = sendUnaryData<Decoded<string>>;

const SERVICE = { sign: SIGN };
/** An agent asks once a day. */
const CONNECTIONS_PER_ADDRESS = 8;
const OF_CONNECTION: Rate = { burst: 2, perSecond: 0.2 };
/** Each may cost the API server a question; a thousand agents that start at once are through in a minute. */
const OF_ALL: Rate = { burst: 100, perSecond: 20 };
const AT_A_TIME = 32;

const MOST_KIB = (IDENTITY_SERVER_OPTIONS['grpc.max_receive_message_length'] ?? 0) >> 10;
const NO_REQUEST = `a request of more than ${MOST_KIB} KiB, or one that was not whole within its time`;

const CODES: Readonly<Record<Exclude<SignAnswer['kind'], 'certified'>, status>> = {
  refused: status.PERMISSION_DENIED,
  busy: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
};

/** The port at which anybody may ask for a certificate. What is refused is counted and logged, never with the token. */
export class GrpcIdentityServer implements IdentityServer {
  readonly #server: GrpcServer;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #refusals: Refusals;
  readonly #rate = new RateLimit(OF_ALL);
  #pending = 0;

  constructor(options: IdentityServerOptions) {
    this.#server = new GrpcServer({
      ...options,
      clients: 'anybody',
      connectionsPerAddress: CONNECTIONS_PER_ADDRESS,
      channel: { ...IDENTITY_SERVER_OPTIONS, interceptors: [this.#withRequest] },
    });
    this.#clock = options.clock;
    this.#metrics = options.metrics;
    this.#refusals = new Refusals(options);
  }

  start(sign: (request: SignRequest) => Promise<SignAnswer>): Promise<void> {
    return this.#server.serve(SERVICE, {
      sign: (call: Call, reply: Reply) => {
        void this.#answer(call, sign).then((answer) => {
          if (answer.kind === 'certified') reply(null, { ok: true, value: answer.certificate });
          else reply({ code: CODES[answer.kind], details: answer.detail });
        });
      },
    });
  }

  stop(): Promise<void> {
    return this.#server.withdraw(SERVICE);
  }

  /** What the library refuses by itself, because it is too long or ends too soon, is told as well. */
  readonly #withRequest: ServerInterceptor = (_, call) => {
    let isThere = false;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMessage((message, next) => {
        isThere = true;
        next(message);
      })
      .withOnCancel(() => {
        if (!isThere) this.#refusals.refuse('too-large', NO_REQUEST, call.getPeer());
      })
      .build();
    return new ServerInterceptingCall(call, new ResponderBuilder().withStart((next) => next(listener)).build());
  };

  async #answer(call: Call, sign: (request: SignRequest) => Promise<SignAnswer>): Promise<SignAnswer> {
    const peer = call.getPeer();
    if (!this.#server.keepsTo(OF_CONNECTION, call, 1)) {
      this.#refusals.refuse('too-fast', 'asks for certificates again and again', peer);
      this.#server.hangUp(call);
      return { kind: 'busy', detail: 'too many requests on one connection' };
    }
    const words = call.request;
    if (!words.ok) {
      this.#refusals.refuse(words.reason, words.detail, peer);
      return { kind: 'refused', detail: words.detail };
    }
    if (this.#pending >= AT_A_TIME || !this.#rate.take(this.#clock.now())) {
      this.#refusals.refuse('too-fast', `more than ${OF_ALL.perSecond} requests a second for certificates`, peer);
      return { kind: 'busy', detail: 'too many ask at the same time; try another controller, or later' };
    }
    this.#pending++;
    const answer = await sign(words.value);
    this.#pending--;
    if (answer.kind === 'refused') this.#refusals.refuse('not-certified', answer.detail, peer);
    this.#metrics.count('certificate_requests_total', { answer: answer.kind });
    return answer;
  }
}
