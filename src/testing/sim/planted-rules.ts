/** What checks find, where a pool wants its VIPs, and when they go home: docs/placement.md. */
import type { PlantedBug } from './planted-bug.ts';

type Bug = Omit<PlantedBug, 'section' | 'scenario'>;

const CHECKS: readonly Bug[] = [
  {
    name: 'fall-ignored',
    rule: 'a check has failed after `fall` failed runs in a row',
    file: 'core/agent/check-track.ts',
    find: "verdict === 'Unknown' || bad >= fall",
    replace: "verdict === 'Unknown' || bad >= 1",
    expected: ['S5'],
  },
  {
    name: 'rise-ignored',
    rule: 'a check that failed is well after `rise` good runs in a row',
    file: 'core/agent/check-track.ts',
    find: "verdict === 'Pending' || good >= rise",
    replace: "verdict === 'Pending' || good >= 1",
    expected: ['S5'],
  },
  {
    name: 'old-result-believed',
    rule: 'a result that is too old is unknown',
    file: 'core/agent/check-track.ts',
    find: 'now < staleAt(track) ? track',
    replace: 'now > 0 ? track',
    expected: ['S4', 'S5'],
  },
  {
    name: 'unplugged-still-trusted',
    rule: 'who was without a carrier is no proof that others are cut off',
    file: 'core/agent/reach.ts',
    find: 'if (!asked) return unplugged(track);',
    replace: 'if (!asked) return { ...track, asked };',
    expected: ['S5'],
  },
];

const RULES: readonly Bug[] = [
  {
    name: 'weights-ignored',
    rule: 'a node has its share by the weights of the pool, and none where that is 0',
    file: 'core/placement/roster.ts',
    find: 'weights.find((term) => matchesTerm(term, node, labels))?.weight ?? DEFAULT_WEIGHT',
    replace: 'DEFAULT_WEIGHT',
    expected: ['S4', 'S5', 'S6'],
  },
  {
    name: 'shares-ignored',
    rule: 'homes are shared out in proportion to weights',
    file: 'core/placement/homes.ts',
    find: 'const weightOf = ({ weight }: PlaceNode): number => weight;',
    replace: 'const weightOf = ({ weight }: PlaceNode): number => Math.min(1, weight);',
    expected: ['S6'],
  },
  {
    name: 'homes-forgotten',
    rule: 'a change of weights moves no more homes than the shares demand',
    file: 'core/placement/homes.ts',
    find: 'favourite: board.indexOf(mostNamed(unit, previous, undefined, isMember))',
    replace: 'favourite: -1',
    expected: ['S5', 'S8'],
  },
  {
    name: 'limit-ignored',
    rule: 'no node holds more than `maxPerNode` where others have room',
    file: 'core/placement/board.ts',
    find: 'this.#max = options.maxPerNode ?? Number.POSITIVE_INFINITY;',
    replace: 'this.#max = Number.POSITIVE_INFINITY;',
    expected: ['S6'],
  },
  {
    name: 'apart-ignored',
    rule: 'no node holds two members of a group that stays apart',
    file: 'core/placement/board.ts',
    find: '(this.#apart.get(group)?.get(at) ?? 0) > 0',
    replace: '(this.#apart.get(group)?.get(at) ?? 0) > 99',
    expected: ['S6'],
  },
  {
    name: 'together-ignored',
    rule: 'a group that stays together is on one node',
    file: 'core/placement/units.ts',
    find: 'const mates = together.get(vip);',
    replace: 'const mates = together.size > 999 ? together.get(vip) : undefined;',
    expected: ['S6'],
  },
  {
    name: 'zones-ignored',
    rule: 'zones hold the same number',
    file: 'core/placement/roster.ts',
    find: "const zone = zoneKey === undefined ? undefined : (labels[zoneKey] ?? '');",
    replace: 'const zone = undefined;',
    expected: ['S6'],
  },
  {
    name: 'host-labels-ignored',
    rule: 'labels that the cluster gives a host are labels of the node',
    file: 'core/node-labels.ts',
    find: 'ofHost ? { ...own, ...ofHost } : own',
    replace: 'ofHost ? own : own',
    expected: ['S6'],
  },
  {
    name: 'preference-ignored',
    rule: 'VIPs live on the preferred nodes',
    file: 'core/placement/roster.ts',
    find: 'preference += term.weight;',
    replace: 'preference += 0;',
    expected: ['S6'],
  },
  {
    name: 'declared-home-ignored',
    rule: 'a declared home is the home',
    file: 'core/placement/homes.ts',
    find: 'explicit.size === 0 ? undefined',
    replace: 'explicit.size >= 0 ? undefined',
    expected: ['S6'],
  },
  {
    name: 'guests-not-spread',
    rule: 'what cannot be at home is spread evenly',
    file: 'core/placement/place.ts',
    find: '(automatic && at !== home) || isDegraded(board.nodes[at])',
    replace: 'at !== home && isDegraded(board.nodes[at])',
    expected: ['S6'],
    schedules: 2_000,
  },
  {
    name: 'role-ignored',
    rule: 'only nodes with the role that is followed hold the pool',
    file: 'core/placement/candidates.ts',
    find: "if (pool.placement.follow.kind !== 'Any' && !isFollowed) return Reason.NotFollowed;",
    replace: '',
    expected: ['S4', 'S5'],
  },
  {
    name: 'master-not-followed',
    rule: 'a pool that follows the master is where the master is',
    file: 'core/health-signals.ts',
    find: 'return new Set([masterNode]);',
    replace: 'return new Set([...nodes.keys()]);',
    expected: ['S4', 'S5'],
  },
  {
    name: 'role-check-ignored',
    rule: 'a pool that follows a check is where it succeeds',
    file: 'core/followed-role.ts',
    find: "const passes = state === 'Passing';",
    replace: "const passes = state !== 'Pending';",
    expected: ['S4', 'S5'],
  },
  {
    name: 'rule-switches-off',
    rule: 'what no other node may have stays with its holder, whatever rule that breaks (ADR 9)',
    file: 'core/placement/place.ts',
    find: 'const stranded = { node: input.holders.get(vip), stranded: true } as const;',
    replace: 'const stranded = { node: undefined, stranded: true, released: true } as const;',
    expected: ['S4'],
  },
  {
    name: 'release-ignored',
    rule: 'with no node healthy nobody holds a pool that wants it so',
    file: 'core/placement/plan.ts',
    find: "if (health.whenAllUnhealthy !== 'Release' || !standings) return placed;",
    replace: 'if (standings !== null) return placed;',
    expected: ['S6'],
  },
];

const FAILBACK: readonly Bug[] = [
  {
    name: 'failback-at-once',
    rule: 'a VIP goes home when its home was well for the delay',
    file: 'core/placement/candidates.ts',
    find: 'stable: entry !== undefined && stableAt <= now,',
    replace: 'stable: entry !== undefined,',
    expected: ['S5'],
  },
  {
    name: 'way-not-claimed',
    rule: 'a VIP on its way belongs to where it goes',
    file: 'core/master.ts',
    find: 'holders: withClaims(holders, before.reasons, world.nodes, commitments),',
    replace: 'holders,',
    expected: ['S4', 'S5', 'S9'],
  },
  {
    name: 'no-failback',
    rule: 'with policy Automatic every VIP goes home',
    file: 'core/placement/returns.ts',
    find: "const isDue = failback.policy === 'Automatic' && node.stable;",
    replace: 'const isDue = false;',
    expected: ['S6'],
  },
  {
    name: 'manual-ignored',
    rule: 'with policy Manual nothing goes home unless it is asked for',
    file: 'core/placement/returns.ts',
    find: "const isDue = failback.policy === 'Automatic' && node.stable;",
    replace: "const isDue = failback.policy !== 'Never' && node.stable;",
    expected: ['S5'],
  },
  {
    name: 'never-ignored',
    rule: 'with policy Never the node that took over is the home',
    file: 'core/placement/plan.ts',
    find: "const stays = pool.failback.policy === 'Never';",
    replace: 'const stays = false;',
    expected: ['S6'],
  },
];

const ROLES: typeof RULES = [
  {
    name: 'role-flaps',
    rule: 'a node that loses the role of a check again and again is held off',
    file: 'core/followed-role.ts',
    find: "until === undefined ? 'yes' :",
    replace: "now >= 0 ? 'yes' :",
    expected: ['S8'],
  },
  {
    name: 'role-returns-at-once',
    rule: 'what may return to a node with the role of a check waits for the failback delay',
    file: 'core/placement/candidates.ts',
    find: 'role ? [fault, degraded, role.damped] : [fault, degraded]',
    replace: 'role ? [fault, degraded] : [fault, degraded]',
    expected: ['S5'],
  },
];

const bugsOf = (scenario: string, bugs: typeof RULES): PlantedBug[] =>
  bugs.map((bug) => ({ ...bug, section: '3.8', scenario }));

export const RULE_BUGS: readonly PlantedBug[] = [
  ...bugsOf('rules', [...CHECKS, ...RULES, ...FAILBACK]),
  ...bugsOf('roles', ROLES),
];
