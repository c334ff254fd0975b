import type { NodeName } from '../../core/ids.ts';
import { REASON_WORDS } from '../../core/reason-words.ts';
import { type PlannedMove, whatMoves } from '../../core/what-moves.ts';
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
  /** Missing: nobody could hold it, or it goes to the next master. */
  readonly to?: string;
  /** It follows the master: to the node where the next one will run, which nobody knows before. */
  readonly toNextMaster?: true;
  readonly reason: string;
  /** What is behind the reason, such as the check that fails. */
  readonly message?: string;
}

/** By the same decision that the master takes. */
export function simulate(snapshot: SourceSnapshot, failed: readonly NodeName[]): SimulationReport {
  const { moves, unknown } = whatMoves(snapshot, { failed: new Set(failed) });
  return { failed, moves: moves.map(simulatedMove), unknownPools: unknown };
}

const simulatedMove = ({ vip, pool, from, to, toNextMaster, reason, message }: PlannedMove): SimulatedMove => ({
  address: vip,
  pool,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(toNextMaster && { toNextMaster }),
  reason,
  ...(message !== undefined && { message }),
});

/** Whether nobody would hold it. */
export const isLost = ({ to, toNextMaster }: SimulatedMove): boolean => to === undefined && toNextMaster !== true;

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
  { head: 'TO', cell: (move) => move.to ?? (isLost(move) ? 'nobody' : 'next master') },
  { head: 'REASON', cell: ({ reason }) => reason },
  ...(wide
    ? [{ head: 'MEANING', cell: ({ reason, message }: SimulatedMove) => message ?? REASON_WORDS[reason] ?? '' }]
    : []),
];
