/** Whose words count, by the electorate that this agent knows (failure model: Electorate). */
import { type Electorate, type ElectorateMember, everybody, isMember, quorumOf } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { AgentConfig, AgentState } from './agent-state.ts';

export const quorum = ({ electorate }: Pick<AgentState, 'electorate'>): number =>
  electorate ? quorumOf(electorate) : Infinity;

/** What counts of what was told by controllers. */
export const ofMembers = <T>(
  { electorate }: Pick<AgentState, 'electorate'>,
  told: ReadonlyMap<ControllerId, T>,
): ReadonlyMap<ControllerId, T> =>
  electorate && [...told.keys()].every((id) => isMember(electorate, id))
    ? told
    : new Map([...told].filter(([id]) => electorate !== undefined && isMember(electorate, id)));

/** Everybody of the electorate, and who is configured: it may tell of what we have missed. */
export function whomToReach(
  electorate: Electorate | undefined,
  { controllers }: Pick<AgentConfig, 'controllers'>,
): readonly ElectorateMember[] {
  const known = electorate ? everybody(electorate) : [];
  return [...known, ...controllers.filter(({ id }) => !known.some((member) => member.id === id))];
}

/** A majority of the members has acknowledged what was sent after the version was adopted: everything rests on it. */
export const restsOn = (state: AgentState, computed: Monotonic, { timing }: AgentConfig): number =>
  computed > addMs(state.adoptedAt, timing.leaseMs) ? (state.electorate?.version ?? 0) : state.restsOn;
