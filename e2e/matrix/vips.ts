/** Addresses that the systems hold. */
import type { Stage } from './fault.ts';

export interface Addresses {
  /** As a pool names them. */
  readonly pool: readonly string[];
  /** Each of them. */
  readonly vips: readonly string[];
  /** Those that a client asks. */
  readonly probed: readonly string[];
  /** It asks each of them so often, milliseconds. */
  readonly probeMs: number;
  /** Each host is asked for each of them so often, milliseconds. */
  readonly askMs: number;
}

const SIX = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];

/** Beside the subnet of the lab, which has no room for a thousand. */
export const WIDE_SUBNET = '198.18.0.0/16';
const WIDE = 800;
const WIDE6 = 200;

const WIDE_VIPS = [
  ...Array.from({ length: WIDE }, (_, n) => `198.18.${(n + 1) >> 8}.${(n + 1) & 255}`),
  ...Array.from({ length: WIDE6 }, (_, n) => `2001:db8::1:${(n + 1).toString(16)}`),
];
/** A client asks one of so many: two cores that have three hosts to run cannot carry the probes of a thousand as well. */
const PROBED = 20;

const THOUSAND: Addresses = {
  pool: [`198.18.0.1-198.18.${WIDE >> 8}.${WIDE & 255}`, `2001:db8::1:1-2001:db8::1:${WIDE6.toString(16)}`],
  vips: WIDE_VIPS,
  probed: WIDE_VIPS.filter((_, n) => (n + 1) % PROBED === 0),
  probeMs: 10,
  askMs: 250,
};

export const addressesOf = (stage: Stage): Addresses =>
  stage === 'thousand' ? THOUSAND : { pool: SIX, vips: SIX, probed: SIX, probeMs: 5, askMs: 10 };
