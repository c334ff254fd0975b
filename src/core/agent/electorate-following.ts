/**
 * Which controllers' acknowledgements count (failure model: Electorate): those of the newest electorate that any controller told of.
 * What is held may rest on acknowledgements of the version before for as long as it would have without the change, and
 * the controllers are told so: no further change happens until everything rests on the new version.
 */
import type { Electorate } from '../electorate.ts';
import { type Monotonic, NEVER } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import { whomToReach } from './counting.ts';
import { isLapsed } from './hold-rights.ts';
import { endLease, memoryOf } from './lease-keeping.ts';

/** Whether anything is held, by a lease or by the confirmations of peers. */
const holds = (state: AgentState): boolean =>
  Math.min(state.leaseUntil, state.fenceUntil) !== NEVER || isLapsed(state) || state.bound.size > 0;

export function toldElectorate(
  before: AgentState,
  electorate: Electorate,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const known = before.electorate?.version ?? 0;
  if (electorate.version <= known) return [before, []];
  const adopted: AgentState = {
    ...before,
    electorate,
    adoptedAt: now,
    restsOn: holds(before) ? before.restsOn : electorate.version,
    refusals: withoutForeign(before),
    // The others hear of us at once.
    heartbeatAt: now,
  };
  // Nobody takes a second step while we hold something by the version before the first: we were given up meanwhile.
  const isLeftBehind = known > 0 && electorate.version > known + 1 && holds(before);
  const [state, effects] = isLeftBehind ? endLease(adopted, now, config) : [adopted, []];
  const { version, members } = electorate;
  const said: AgentEffect = {
    kind: 'log',
    level: 'info',
    message: 'electorate adopted',
    fields: { version, members: members.map(({ id }) => id).join(',') },
  };
  const connect: AgentEffect = { kind: 'connect', controllers: whomToReach(electorate, config) };
  return [state, [...effects, { kind: 'save', memory: memoryOf(state, config) }, connect, said]];
}

const withoutForeign = ({ refusals }: AgentState): AgentState['refusals'] =>
  new Map([...refusals].filter(([, reason]) => reason !== 'OtherElectorate'));

/**
 * Every controller that we reach acts by another version, and we hold nothing: they may have been installed anew. Then we
 * ask them like a new life, which is as safe: nothing rests on what we knew.
 */
export function forgetForeign(state: AgentState): AgentState {
  const { connected, refusals } = state;
  const isForeign = connected.size > 0 && [...connected].every((id) => refusals.get(id) === 'OtherElectorate');
  if (!isForeign || !state.electorate || holds(state)) return state;
  return { ...state, electorate: undefined, restsOn: 0, refusals: withoutForeign(state), ackedAt: new Map() };
}
