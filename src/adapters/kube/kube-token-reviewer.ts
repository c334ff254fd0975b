import { TOKEN_AUDIENCE, type TokenReview } from '../../core/certificates/token-review.ts';
import type { TokenReviewer } from '../../ports/token-reviewer.ts';
import type { ApiClient } from './api-client.ts';
import { callCore } from './core-objects.ts';
import { isRecord } from './objects.ts';

const API_VERSION = 'authentication.k8s.io/v1';

/** Asks the API server, which keeps nothing of it. */
export class KubeTokenReviewer implements TokenReviewer {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async review(token: string): Promise<TokenReview> {
    const request = {
      method: 'POST',
      path: `/apis/${API_VERSION}/tokenreviews`,
      contentType: 'application/json',
      body: { apiVersion: API_VERSION, kind: 'TokenReview', spec: { token, audiences: [TOKEN_AUDIENCE] } },
      verb: 'create',
      resource: 'tokenreviews.authentication.k8s.io',
    } as const;
    const { body } = await callCore(this.#api, request, [200, 201]);
    return reviewIn(body);
  }
}

function reviewIn(body: unknown): TokenReview {
  const status = fieldOf(body, 'status');
  const user = fieldOf(status, 'user');
  const extra = Object.entries(recordOf(fieldOf(user, 'extra'))).map(
    ([key, values]) => [key, textsOf(values)] as const,
  );
  return {
    isAuthenticated: fieldOf(status, 'authenticated') === true,
    audiences: textsOf(fieldOf(status, 'audiences')),
    username: textOf(fieldOf(user, 'username')),
    extra: Object.fromEntries(extra),
    error: textOf(fieldOf(status, 'error')).slice(0, 300) || 'no reason given',
  };
}

const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const fieldOf = (value: unknown, name: string): unknown => recordOf(value)[name];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
