/** Addresses that the systems hold. */
import type { Stage } from './fault.ts';

export interface Addresses {
  /** As a pool names them. */
  readonly pool: readonly string[];
  /** Each of them. */
  readonly vips: readonly string[];
  /** Those that are observed. */
  readonly observed: readonly string[];
  /** A client asks each of these so often, milliseconds. */
  readonly probeMs: number;
  /** Each host is asked for each of these so often, milliseconds. */
  readonly askMs: number;
}

const SIX = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const SIX_OBSERVED: Addresses = { pool: SIX, vips: SIX, observed: SIX, probeMs: 5, askMs: 10 };

/** Beside the subnet of the lab, which has no room for a thousand. */
export const WIDE_SUBNET = '198.18.0.0/16';

const wide4 = (n: number): string => `198.18.${n >> 8}.${n & 255}`;
const wide6 = (n: number): string => `2001:db8::1:${n.toString(16)}`;

/**
 * One of so many is observed. Questions for all of them would be thousands of frames at once for each host, more than
 * the takeover itself, and two cores that have three hosts to run cannot carry them.
 */
const OBSERVED = 20;

function many(count4: number, count6: number): Addresses {
  const family = (count: number, address: (n: number) => string): string[] =>
    Array.from({ length: count }, (_, n) => address(n + 1));
  const vips = [...family(count4, wide4), ...family(count6, wide6)];
  return {
    pool: [`${wide4(1)}-${wide4(count4)}`, ...(count6 > 0 ? [`${wide6(1)}-${wide6(count6)}`] : [])],
    vips,
    observed: vips.filter((_, n) => (n + 1) % OBSERVED === 0),
    probeMs: 10,
    askMs: 20,
  };
}

const ADDRESSES: Readonly<Record<Stage, Addresses>> = {
  hosts: SIX_OBSERVED,
  kubernetes: SIX_OBSERVED,
  services: SIX_OBSERVED,
  thousand: many(1_000, 0),
  'thousand-mixed': many(800, 200),
};

export const addressesOf = (stage: Stage): Addresses => ADDRESSES[stage];
