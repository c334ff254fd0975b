import type { TokenReview } from '../core/certificates/token-review.ts';

export interface TokenReviewer {
  /** Asks the API server about a token of the audience of agents. Rejects with OpError where there is no answer. */
  review(token: string): Promise<TokenReview>;
}
