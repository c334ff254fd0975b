import type { NodeName } from '../../core/ids.ts';
import { whatMoves } from '../../core/placement/what-moves.ts';
import { REASON_WORDS } from '../../core/reason-words.ts';
import { recordedInputs } from '../../core/recorded-world.ts';
import type { SourceSnapshot } from '../../ports/source.ts';
import { table, type Column } from '../status/table.ts';

/** What `vippool simulate` prints with -o json|yaml; field names are stable. */
export interface SimulationReport {
  readonly failed: readonly string[];
  readonly moves: readonly SimulatedMove[];
  /** Pools of which no valid version is known: nothing is said of them. */
  readonly unknownPools: readonly string[];
}

export interface SimulatedMove {
  readonly address: string;
  readonly pool: string;
  readonly from?: string;
  /** Missing: nobody could hold it. */
  readonly to?: string;
  readonly reason: string;
}

/** By the same decision that the master takes. */
export function simulate(snapshot: SourceSnapshot, failed: readonly NodeName[]): SimulationReport {
  const inputs = recordedInputs(snapshot);
  const poolOf = new Map<string, string>();
  for (const { name, status } of snapshot.pools) {
    for (const { address } of status?.bindings ?? []) poolOf.set(address, name);
  }
  const placed = new Set(inputs.flatMap(({ units }) => units.flatMap(({ vips }) => vips)));
  const unknownPools = snapshot.pools.filter(
    ({ deleting, status }) =>
      !deleting &&
      (status?.bindings ?? []).length > 0 &&
      !status?.bindings?.some(({ address }) => placed.has(address as never)),
  );
  const moves = whatMoves(inputs, new Set(failed)).map(({ vip, from, to, reason }) => ({
    address: vip,
    pool: poolOf.get(vip) ?? '',
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    reason,
  }));
  return { failed, moves, unknownPools: unknownPools.map(({ name }) => name) };
}

export function renderSimulation({ failed, moves, unknownPools }: SimulationReport, wide: boolean): string {
  const text =
    moves.length === 0 ? `Nothing would move if ${failed.join(' and ')} failed.\n` : table(columns(wide), moves);
  const unknown = unknownPools.map((pool) => `Pool ${pool} is not valid: nothing is known of it.\n`);
  return [text, ...unknown].join('');
}

const columns = (wide: boolean): readonly Column<SimulatedMove>[] => [
  { head: 'ADDRESS', cell: ({ address }) => address },
  { head: 'POOL', cell: ({ pool }) => pool },
  { head: 'FROM', cell: ({ from = '' }) => from },
  { head: 'TO', cell: ({ to = 'nobody' }) => to },
  { head: 'REASON', cell: ({ reason }) => reason },
  ...(wide ? [{ head: 'MEANING', cell: ({ reason }: SimulatedMove) => REASON_WORDS[reason] ?? '' }] : []),
];
