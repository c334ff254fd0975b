/** What an administrator does to pools with rules, to hosts and to single VIPs; all of it lasts until it is undone. */
import type { Action, ActionKind } from './actions.ts';
import { otherRules, placementOf } from './rule-pools.ts';
import type { PoolSetup } from './setup.ts';
import type { World } from './world.ts';

type Kind = Extract<ActionKind, 'declare' | 'rules' | 'role' | 'task'>;

type Spec = Readonly<Record<string, unknown>>;

/** `b` of a declaration. */
export const DECLARATIONS: readonly Spec[] = [
  { maintenance: true },
  { maintenance: false },
  { weight: 0 },
  { weight: 25 },
  { weight: 100 },
  { weight: undefined },
];

/** `b` of two of them. */
export const [DRAIN, UNDRAIN] = [0, 1];

/** `c` of an edit of rules: which rule, else what else. */
export const [POLICY, WHEN_ALL] = [20, 21];

/** `c` of a task. */
export const [MOVE, DRY_MOVE, FAILBACK_ONE, FAILBACK_POOL, FAILBACK_ALL] = [0, 1, 2, 3, 4];

/** `c` of a role: this host has it as well, or has it no more; else it alone has it. */
export const [WIN, LOSE] = [30, 31];

export function administer(world: World, kind: Kind, action: Action): void {
  const { agents, setup } = world;
  const { a, b, c } = action;
  const pool = setup.pools[a % setup.pools.length];
  switch (kind) {
    case 'declare': {
      const node = agents[a % agents.length]?.node;
      if (node !== undefined) world.source.declare(node, DECLARATIONS[b % DECLARATIONS.length] ?? {});
      return;
    }
    case 'role':
      if (c === LOSE) agents[b % agents.length]?.services.roles.delete(pool?.name ?? '');
      if (c === WIN) agents[b % agents.length]?.services.roles.add(pool?.name ?? '');
      if (c === WIN || c === LOSE) return;
      // Nobody has it for a while, as a database that fails over.
      for (const { services } of agents) services.roles.delete(pool?.name ?? '');
      agents[b % (agents.length + 1)]?.services.roles.add(pool?.name ?? '');
      return;
    case 'rules':
      if (pool) editRules(world, pool, action);
      return;
    case 'task':
      world.source.tasks.create(taskOf(world, action), world.source.homes);
  }
}

function editRules({ source, setup }: World, pool: PoolSetup, { b, c }: Action): void {
  const spec = source.specOf(pool.name);
  if (c === POLICY) {
    const policy = (['Automatic', 'Manual', 'Never'] as const)[b % 3];
    source.edit(pool.name, { ...spec, failback: { ...(spec['failback'] as Spec), policy } });
  } else if (c === WHEN_ALL) {
    const whenAllUnhealthy = b % 2 === 0 ? 'Keep' : 'Release';
    if (spec['health']) source.edit(pool.name, { ...spec, health: { ...(spec['health'] as Spec), whenAllUnhealthy } });
  } else {
    const rules = otherRules(pool);
    const rule = rules[c % Math.max(1, rules.length)];
    const addresses = spec['addresses'] as readonly string[];
    if (rule) source.edit(pool.name, { ...spec, placement: placementOf(rule, b, addresses, setup.hosts) });
  }
}

function taskOf({ source, setup, agents }: World, { a, b, c }: Action): Spec {
  const name = setup.pools[a % setup.pools.length]?.name ?? '';
  const addresses = source.specOf(name)['addresses'] as readonly string[];
  const address = addresses[b % addresses.length];
  const node = agents[(a + b) % agents.length]?.node;
  switch (c % 5) {
    case FAILBACK_ONE:
      return { action: 'Failback', address };
    case FAILBACK_POOL:
      return { action: 'Failback', pool: name };
    case FAILBACK_ALL:
      return { action: 'Failback' };
    case DRY_MOVE:
      return { action: 'Move', address, node, dryRun: true };
    default:
      return { action: 'Move', address, node };
  }
}
