/** One pool as it is: what is declared, how its hosts are, who holds what. Read without anything of core that decides. */
import { nodeName, type NodeName, type VipAddress, vipAddress } from '../../core/ids.ts';
import { labelsOf, type PoolSetup, type Setup } from './setup.ts';
import type { SimAgent } from './sim-agent.ts';
import { ROLE_CHECK } from './sim-checks.ts';
import type { World } from './world.ts';

interface Term {
  readonly node?: string;
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly weight: number;
}

interface Group {
  readonly members: readonly string[];
  readonly policy: 'Together' | 'Apart';
}

/** As it is written. */
export interface Rules {
  readonly weights?: readonly Term[];
  readonly maxPerNode?: number;
  readonly zoneKey?: string;
  readonly groups?: readonly Group[];
  readonly homes?: Readonly<Record<string, string>>;
  readonly preferredNodes?: readonly Term[];
  readonly follow?: { readonly kind: 'Any' | 'Master' | 'Check' };
}

export interface PoolTruth {
  readonly name: string;
  readonly vips: readonly VipAddress[];
  readonly rules: Rules;
  readonly failback: PoolSetup['failback'];
  readonly delayMs: number;
  readonly keeps: boolean;
}

export function truthOf({ source, setup }: World, name: string): PoolTruth {
  const spec = source.specOf(name) as {
    readonly addresses: readonly string[];
    readonly placement?: Rules;
    readonly failback: { readonly policy: PoolSetup['failback'] };
    readonly health?: { readonly whenAllUnhealthy?: string };
  };
  return {
    name,
    vips: spec.addresses.map(vipAddress),
    rules: spec.placement ?? {},
    failback: spec.failback.policy,
    delayMs: setup.failbackDelayMs,
    keeps: (spec.health?.whenAllUnhealthy ?? 'Keep') === 'Keep',
  };
}

/**
 * Away: without a lease or a carrier. Barred: a rule keeps VIPs from it. The others as its checks say, where nothing that
 * was found is pending.
 */
export type HostState = 'away' | 'barred' | 'pending' | 'ill' | 'well';

/** Of one host in one pool, as long as nothing of it changes. */
export interface HostView {
  readonly state: HostState;
  /** What its checks say, also while it is barred. */
  readonly health: 'pending' | 'ill' | 'well';
  readonly isDegraded: boolean;
  /** What the check that the pool follows says; well where it follows none. */
  readonly role: 'pending' | 'ill' | 'well';
  /** Share that is declared; 0 keeps VIPs away. */
  readonly weight: number;
  /** How often a check found something else: it may be as before within one look. */
  readonly changes: number;
}

export const sameView = (a: HostView, b: HostView): boolean =>
  a.state === b.state &&
  a.health === b.health &&
  a.isDegraded === b.isDegraded &&
  a.role === b.role &&
  a.weight === b.weight &&
  a.changes === b.changes;

export function viewOf(world: World, { name, rules }: PoolTruth, agent: SimAgent): HostView {
  const { kernel, node } = agent;
  const declared = world.source.declaredOf(node);
  const followsCheck = rules.follow?.kind === 'Check';
  const tallies = agent.tallies(name);
  const found = (severity: 'Fail' | 'Degrade'): readonly string[] =>
    tallies.flatMap(({ check }, index) => {
      if (check.severity !== severity || (followsCheck && check.name === ROLE_CHECK)) return [];
      return tallies[index]?.findingAt(kernel.clock.now()) ?? [];
    });
  const isChecked = world.setup.pools.some((pool) => pool.name === name && pool.health !== undefined);
  const deciding = found('Fail');
  const isPending = (isChecked && tallies.length === 0) || deciding.includes('pending');
  const health = deciding.includes('ill') ? 'ill' : isPending ? 'pending' : 'well';
  const weight = weightOf(world.setup, rules, kernel.index, declared['weight'] as number | undefined);
  const isBarred = weight === 0 || declared['maintenance'] === true || !hasRole(world, name, rules, agent);
  const isHere = agent.isLeased && kernel.powered && kernel.carrierLost === 0;
  return {
    state: !isHere ? 'away' : isBarred ? 'barred' : health,
    health,
    isDegraded: found('Degrade').includes('ill'),
    role: followsCheck ? roleFound(name, agent) : 'well',
    weight,
    changes: tallies.reduce((sum, { changes }) => sum + changes, 0),
  };
}

const nodeOf = (host: number): NodeName => nodeName(`node-${host + 1}`);

const matches = (setup: Setup, { node, matchLabels = {} }: Term, host: number): boolean => {
  const labels = labelsOf(setup, host);
  return node === undefined
    ? Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    : node === nodeOf(host);
};

function weightOf(setup: Setup, { weights = [] }: Rules, host: number, own: number | undefined): number {
  const declared = weights.find((term) => matches(setup, term, host))?.weight ?? 100;
  return declared === 0 ? 0 : (own ?? declared);
}

export const preferenceOf = (setup: Setup, { preferredNodes = [] }: Rules, host: number): number =>
  preferredNodes.filter((term) => matches(setup, term, host)).reduce((sum, { weight }) => sum + weight, 0);

function hasRole({ controllers }: World, pool: string, { follow }: Rules, agent: SimAgent): boolean {
  switch (follow?.kind ?? 'Any') {
    case 'Any':
      return true;
    case 'Master':
      return controllers.some((controller) => controller.leads && controller.machine === agent.machine);
    case 'Check':
      return roleFound(pool, agent) === 'well';
  }
}

function roleFound(pool: string, agent: SimAgent): HostView['role'] {
  const tally = agent.tallies(pool).find(({ check }) => check.name === ROLE_CHECK);
  return tally?.findingAt(agent.clock.now()) ?? 'pending';
}

/** What moves as one. */
export function unitsOf({ vips, rules: { groups = [] } }: PoolTruth): readonly (readonly VipAddress[])[] {
  const mates = (vip: VipAddress): readonly VipAddress[] => {
    const group = groups.find(({ policy, members }) => policy === 'Together' && members.includes(vip));
    return group ? vips.filter((other) => group.members.includes(other)) : [vip];
  };
  return vips.flatMap((vip) => (mates(vip)[0] === vip ? [mates(vip)] : []));
}

export const areApart = ({ rules: { groups = [] } }: PoolTruth, one: VipAddress, other: VipAddress): boolean =>
  one !== other &&
  groups.some(({ policy, members }) => policy === 'Apart' && members.includes(one) && members.includes(other));

/** Only weights decide: then every host has its share. */
export const isByWeight = ({ rules, failback }: PoolTruth): boolean => {
  const { maxPerNode, zoneKey, groups, homes, preferredNodes, follow } = rules;
  const others = [maxPerNode, zoneKey, groups, homes, preferredNodes, follow];
  return failback !== 'Never' && others.every((rule) => rule === undefined);
};
