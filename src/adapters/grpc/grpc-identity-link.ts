import { Client, type ServiceError, status } from '@grpc/grpc-js';
import { controllerIdentity } from '../../core/identity.ts';
import type { ControllerId } from '../../core/ids.ts';
import { OpError } from '../../core/op-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdentityLink, SignRequest } from '../../ports/identity-service.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Sockets } from '../../ports/sockets.ts';
import { CLIENT_OPTIONS } from './channel-options.ts';
import { type CallSecurity, channelCredentials, TLS_CHANNEL_OPTIONS } from './credentials.ts';
import { SIGN } from './identity-method.ts';
import { Refusals } from './refusals.ts';

export interface IdentityLinkOptions {
  /** Of their ports for this. */
  readonly controllers: readonly { readonly id: ControllerId; readonly address: string }[];
  /** PEM text of those who are trusted to certify a controller. Rejects with OpError. */
  readonly authorities: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Name, connection, handshake, the question to the API server and back. */
const ANSWER_MS = 5_000;

/** Asks controllers for certificates, in an order of its own each time; a token is shown to no other server. */
export class GrpcIdentityLink implements IdentityLink {
  readonly #options: IdentityLinkOptions;
  readonly #refusals: CallSecurity['refusals'];

  constructor(options: IdentityLinkOptions) {
    this.#options = options;
    this.#refusals = Refusals.ofConnections(options);
  }

  async sign(request: SignRequest): Promise<string> {
    const { controllers, random } = this.#options;
    const authorities = await this.#options.authorities();
    const order = controllers.map((controller) => [random.fraction(), controller] as const).sort(([a], [b]) => a - b);
    const failures: OpError[] = [];
    for (const [, controller] of order) {
      try {
        return await this.#ask(controller, { authorities }, request);
      } catch (error) {
        if (!(error instanceof OpError)) throw error;
        failures.push(error);
      }
    }
    // A controller that answers knows better than one that does not.
    const telling = failures.find(({ code }) => code === 'PermissionDenied') ?? failures[0];
    throw telling ?? new OpError('InvalidInput', 'there is no controller to ask for a certificate');
  }

  async #ask(
    { id, address }: IdentityLinkOptions['controllers'][number],
    material: { readonly authorities: string },
    request: SignRequest,
  ): Promise<string> {
    const { clock, sockets } = this.#options;
    const security: CallSecurity = {
      credentials: { current: () => material, watch: () => () => undefined },
      expected: controllerIdentity(id),
      refusals: this.#refusals,
    };
    const scope = sockets.scope();
    try {
      return await scope.run(() => call(address, security, request, clock));
    } catch (error) {
      throw refusal(error as ServiceError, id);
    } finally {
      scope.close();
    }
  }
}

function call(address: string, security: CallSecurity, request: SignRequest, clock: Clock): Promise<string> {
  const options = { ...CLIENT_OPTIONS, ...TLS_CHANNEL_OPTIONS, 'grpc.use_local_subchannel_pool': 1 };
  const client = new Client(address, channelCredentials(security, address), options);
  const { path, requestSerialize, responseDeserialize } = SIGN;
  return new Promise<string>((resolve, reject) => {
    const words = { ok: true, value: request } as const;
    const asked = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, words, (error, answer) => {
      disarm();
      client.close();
      if (answer?.ok) resolve(answer.value);
      else reject(error ?? new Error(answer?.detail));
    });
    // The library's own deadline is by the wall clock, which may be set meanwhile.
    const disarm = clock.after(ANSWER_MS, () => asked.cancel());
  });
}

function refusal({ code, details, message }: ServiceError, id: ControllerId): OpError {
  if (code === status.CANCELLED) {
    return new OpError('DeadlineExceeded', `controller ${id} has not answered within ${ANSWER_MS} ms`);
  }
  const kind = code === status.PERMISSION_DENIED ? 'PermissionDenied' : 'Unavailable';
  return new OpError(kind, `controller ${id} gives no certificate: ${details ?? message}`);
}
