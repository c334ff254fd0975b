/** Names that a user typed and nobody knows: told at once, with what was probably meant. */
import { readSnapshot } from '../../core/controller/pools.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { SourceSnapshot } from '../../ports/source.ts';

export interface Named {
  readonly address?: string | undefined;
  readonly pool?: string | undefined;
  readonly nodes?: readonly string[];
}

/** One sentence for each name that is not known. */
export function unknownNames(snapshot: SourceSnapshot, { address, pool, nodes = [] }: Named): string[] {
  const known = snapshot.nodes.map(({ name }) => name);
  return [
    ...(address === undefined ? [] : unknown('VIP', address, vipsOf(snapshot))),
    ...(pool === undefined
      ? []
      : unknown(
          'pool',
          pool,
          snapshot.pools.map(({ name }) => name),
        )),
    ...nodes.flatMap((node) => unknown('node', node, known)),
  ];
}

function unknown(what: string, name: string, known: readonly string[]): string[] {
  if (known.includes(name)) return [];
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return [`there is no ${what} ${name}; did you mean ${nearest}?`];
  const shown = known.slice(0, 5).join(', ');
  const more = known.length > 5 ? ` and ${known.length - 5} more` : '';
  return [`there is no ${what} ${name}: ${known.length === 0 ? 'there is none at all' : `known are ${shown}${more}`}`];
}

/** Of the manifests, and of what is still held of earlier ones. */
function vipsOf(snapshot: SourceSnapshot): readonly string[] {
  const declared = readSnapshot(undefined, snapshot).effective.flatMap(({ vips }) => vips);
  const held = snapshot.pools.flatMap(({ status }) => (status?.bindings ?? []).map(({ address }) => address));
  return [...new Set<string>([...declared, ...held])];
}
