import type { Authority } from '../../core/certificates/authority-book.ts';
import { LEAF_MS } from '../../core/certificates/renewal.ts';
import { nodeOfToken, type ServiceAccount } from '../../core/certificates/token-review.ts';
import { TokenUses } from '../../core/certificates/token-uses.ts';
import { nodeIdentity } from '../../core/identity.ts';
import { OpError } from '../../core/op-error.ts';
import type { Certifier, CheckedRequest } from '../../ports/certifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SignAnswer, SignRequest } from '../../ports/identity-service.ts';
import type { TokenReviewer } from '../../ports/token-reviewer.ts';
import { errorText } from '../../core/error-text.ts';

export interface RequestDeskOptions {
  /** The authority that certifies now; undefined: not known yet. */
  readonly issuer: () => Authority | undefined;
  /** Of the pods of agents. */
  readonly account: ServiceAccount;
  readonly certifier: Certifier;
  readonly reviewer: TokenReviewer;
  readonly clock: Clock;
}

/** Three parts of base64url. */
const TOKEN = /^[\w-]{2,4000}\.[\w-]{2,6000}\.[\w-]{2,2000}$/;

/** Certifies agents for the node on which the pod of their token runs. Says nothing of a token to anybody. */
export class RequestDesk {
  readonly #options: RequestDeskOptions;
  readonly #uses = new TokenUses();

  constructor(options: RequestDeskOptions) {
    this.#options = options;
  }

  /** Never rejects. What costs nothing is looked at first, since anybody may ask. */
  async sign({ token, request }: SignRequest): Promise<SignAnswer> {
    const issuer = this.#options.issuer();
    if (!issuer) return { kind: 'unavailable', detail: 'this controller does not know the authority yet' };
    if (!TOKEN.test(token)) return refused('what came is not a token');
    try {
      return await this.#certify(issuer, token, request, await this.#options.certifier.check(request));
    } catch (error) {
      const detail = errorText(error);
      const isBad = error instanceof OpError && error.code === 'InvalidInput';
      return isBad ? refused(detail) : { kind: 'unavailable', detail };
    }
  }

  async #certify(
    issuer: Authority,
    token: string,
    request: Uint8Array,
    { key, identity }: CheckedRequest,
  ): Promise<SignAnswer> {
    const { account, certifier, clock, reviewer } = this.#options;
    const verdict = nodeOfToken(await reviewer.review(token), account);
    if (!verdict.ok) return refused(verdict.detail);
    const { node, credential = token } = verdict;
    const expected = nodeIdentity(node);
    if (identity !== expected) return refused(`a token of ${node} asks to be ${identity ?? 'nobody'}, not ${expected}`);
    if (!this.#uses.take(credential, key, clock.now())) {
      const reason = 'somebody else has it, or the agent has lost its files: delete its pod, then it has another token';
      return refused(`a token of ${node} was used before, for another key: ${reason}`);
    }
    const untilMs = clock.wallNow().getTime() + LEAF_MS;
    const certificate = await certifier.certify(issuer, request, { name: node, identity }, untilMs);
    return { kind: 'certified', certificate };
  }
}

const refused = (detail: string): SignAnswer => ({ kind: 'refused', detail });
