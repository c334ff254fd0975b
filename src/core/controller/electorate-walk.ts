/**
 * The master changes the electorate by one member (failure model: Electorate), when a majority of the present one has adopted it, which
 * is what its mandate rests on, and every node that may hold something rests on it as well.
 */
import { type Electorate, names } from '../electorate.ts';
import { nextStep } from '../electorate-change.ts';
import type { NodeName } from '../ids.ts';
import type { NodeTable } from '../node-table.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerState, ControllerStep } from './controller-state.ts';
import { askRecord } from './electorate-keeping.ts';
import { currentWishes } from './electorate-wishes.ts';
import { bestSuccessor, mayAct, resign } from './mandate.ts';
import { ownMember } from './standing.ts';

/**
 * @param judged `gone` only where the lease is over
 * @param keeping nodes that may hold VIPs beyond their lease
 */
export function walkElectorate(
  state: ControllerState,
  judged: NodeTable,
  keeping: readonly NodeName[],
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { electorate, record } = state;
  if (!electorate || record.pending || !mayAct(state, now)) return [state, []];
  const step = nextStep(electorate, currentWishes(state, electorate, now, config));
  if (!step) return [withChange(state, undefined), []];
  if (step.kind === 'wait') return [withChange(state, step.for), []];
  const unsettled = whoIsUnsettled(electorate, judged, keeping);
  if (now < state.blindUntil) return [withChange(state, 'the leases of before this master to end'), []];
  if (unsettled.length > 0) return [withChange(state, `${shown(unsettled)} to follow`), []];
  const { to } = step;
  if (!names(to.members, ownMember(electorate, config))) {
    const stays = bestSuccessor(state, config, (id) => to.members.some((member) => member.id === id));
    if (stays === undefined) return [withChange(state, 'a controller that stays to take over'), []];
    return resign(state, 'leaves the electorate', stays, now, config);
  }
  return askRecord(withChange(state, undefined), { kind: 'changeElectorate', from: electorate, to }, now);
}

const withChange = (state: ControllerState, waitsFor: string | undefined): ControllerState =>
  state.changeWaitsFor === waitsFor ? state : { ...state, changeWaitsFor: waitsFor };

/** What a node may hold by an earlier version, a majority of the next one need not know of. */
function whoIsUnsettled({ version }: Electorate, judged: NodeTable, keeping: readonly NodeName[]): NodeName[] {
  const behind = [...judged.values()].filter(({ gone, electorate }) => gone === 'no' && electorate < version);
  return [...new Set([...behind.map(({ node }) => node), ...keeping])];
}

const shown = (nodes: readonly NodeName[]): string =>
  nodes.length > 5 ? `${nodes.slice(0, 5).join(', ')} and ${nodes.length - 5} more` : nodes.join(', ');
