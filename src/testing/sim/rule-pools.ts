/** Pools with rules of placement and checks, each drawn from what an administrator may write. */
import { SeededRandom } from './random.ts';
import { hostsOf, type PoolSetup, type Setup, ZONE } from './setup.ts';
import { ROLE_CHECK } from './sim-checks.ts';

export const RULES = [
  'plain',
  'weights',
  'limit',
  'apart',
  'together',
  'zones',
  'preferred',
  'homes',
  'master',
  'role',
] as const;
export type Rule = (typeof RULES)[number];

/** Longest hold-off of these pools. */
export const HOLD_OFF_MS = 2_000;

type Spec = Readonly<Record<string, unknown>>;

/** `spec.placement`: the same for the same numbers. */
export function placementOf(rule: Rule, seed: number, vips: readonly string[], hosts: number): Spec {
  const random = new SeededRandom(Math.imul(seed + 1, 0x85ebca6b));
  const nodes = hostsOf({ hosts } as Setup);
  const first = random.between(0, vips.length - 2);
  const some = (most: number): string[] => vips.slice(first, first + random.between(2, most));
  switch (rule) {
    case 'plain':
      return {};
    case 'weights': {
      // Somebody has to be left.
      const [, ...others] = nodes;
      return { weights: others.map((node) => ({ node, weight: random.pick([0, 25, 50, 75, 100]) })) };
    }
    case 'limit':
      return { maxPerNode: random.between(1, Math.ceil(vips.length / hosts) + 1) };
    case 'apart':
      return { groups: [{ name: 'apart', members: some(hosts + 1), policy: 'Apart' }] };
    case 'together': {
      const groups = [{ name: 'pair', members: some(3), policy: 'Together' }];
      return random.chance(0.3) ? { groups, maxPerNode: 3 } : { groups };
    }
    case 'zones':
      return { zoneKey: ZONE };
    case 'preferred':
      return {
        preferredNodes: [
          { node: random.pick(nodes), weight: 100 },
          { matchLabels: { [ZONE]: random.pick(['even', 'odd']) }, weight: 10 },
        ],
      };
    case 'homes':
      return { homes: Object.fromEntries(some(4).map((vip) => [vip, random.pick(nodes)])) };
    case 'master':
      return { follow: { kind: 'Master' } };
    case 'role':
      return { follow: { kind: 'Check', check: ROLE_CHECK } };
  }
}

/** Rules that a pool may be given later; a role needs its check. */
export const otherRules = ({ placement = {} }: PoolSetup): readonly Rule[] =>
  'follow' in placement ? [] : RULES.filter((rule) => rule !== 'master' && rule !== 'role');

/** @param failback policies to draw from */
export function ruledPools(
  random: SeededRandom,
  { hosts, shared }: Pick<Setup, 'hosts' | 'shared'>,
  rules: readonly Rule[],
  failback: readonly PoolSetup['failback'][],
): PoolSetup[] {
  return [1, 2].map((number) => {
    const drawn = random.pick(rules);
    // A master beside the hosts is nowhere where VIPs could be.
    const rule = drawn === 'master' && !shared ? 'plain' : drawn;
    const vips = Array.from({ length: random.between(3, 6) }, (_, vip) => `192.0.2.${number * 20 + vip + 1}`);
    const checks = checksOf(random, rule);
    return {
      name: `pool-${number}`,
      vips,
      onQuorumLoss: 'Release',
      failback: random.pick(failback),
      placement: placementOf(rule, random.between(0, 9_999), vips, hosts),
      ...(checks.length === 0 ? {} : { health: healthOf(random, checks) }),
    };
  });
}

function checksOf(random: SeededRandom, rule: Rule): object[] {
  const base = { type: 'tcp', port: 80, interval: '200ms', timeout: '100ms' };
  const counts = { fall: random.pick([1, 2, 3]), rise: random.pick([1, 2, 4]) };
  const severity = random.chance(0.3) ? { severity: 'Degrade', penalty: 90 } : {};
  return [
    ...(random.chance(0.75) ? [{ ...base, name: 'service', ...counts, ...severity }] : []),
    ...(rule === 'role' ? [{ ...base, name: ROLE_CHECK, fall: 1, rise: 1 }] : []),
  ];
}

const healthOf = (random: SeededRandom, checks: readonly object[]): Spec => ({
  checks,
  damping: { base: '1s', max: `${HOLD_OFF_MS}ms`, window: '6s' },
  whenAllUnhealthy: random.chance(0.6) ? 'Keep' : 'Release',
});
