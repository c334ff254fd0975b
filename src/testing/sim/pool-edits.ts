import type { Action, ActionKind } from './actions.ts';
import type { World } from './world.ts';

type Edit = Extract<ActionKind, 'addVip' | 'removeVip' | 'policy' | 'home' | 'checks'>;

/** Names of the pools as they are now are those of the setup; their addresses change. */
export function editPools(world: World, kind: Edit, { a, b }: Action): void {
  const { source, setup, kernels } = world;
  const pool = setup.pools[a % setup.pools.length];
  if (!pool) return;
  const spec = source.specOf(pool.name);
  const addresses = spec['addresses'] as readonly string[];
  switch (kind) {
    case 'addVip': {
      const next = `198.51.100.${(a % setup.pools.length) * 100 + 1 + (b % 90)}`;
      if (!addresses.includes(next)) source.edit(pool.name, { ...spec, addresses: [...addresses, next] });
      return;
    }
    case 'removeVip': {
      if (addresses.length < 2) return;
      const gone = addresses[b % addresses.length];
      const homes = { ...(spec['placement'] as { homes?: Record<string, string> } | undefined)?.homes };
      if (gone !== undefined) delete homes[gone];
      source.edit(pool.name, {
        ...spec,
        addresses: addresses.filter((address) => address !== gone),
        placement: { homes },
      });
      return;
    }
    case 'policy':
      source.edit(pool.name, { ...spec, onQuorumLoss: b % 2 === 0 ? 'Hold' : 'Release' });
      return;
    case 'checks': {
      const { checks, ...health } = spec['health'] as { readonly checks?: readonly object[] };
      if (!checks) return;
      // Another look at the same service, twice as often, or as it was.
      const [first] = checks;
      const more = checks.length > 1 ? [first] : [first, { ...first, name: 'again', interval: '100ms' }];
      source.edit(pool.name, { ...spec, health: { ...health, checks: more } });
      return;
    }
    case 'home': {
      const address = addresses[b % addresses.length];
      const node = kernels[(a + b) % kernels.length]?.node;
      const homes = (spec['placement'] as { homes?: Record<string, string> } | undefined)?.homes;
      if (address !== undefined && node !== undefined)
        source.edit(pool.name, { ...spec, placement: { homes: { ...homes, [address]: node } } });
    }
  }
}
