/**
 * Who may act, and the end of that right: by the lock in etcd with one or two controllers, by votes and the acknowledged
 * beats of a majority with more (failure model: Election).
 */
import { released, seen } from '../ballot.ts';
import * as candidacy from '../candidacy.ts';
import { mayAct as lockMayAct, stepElection } from '../election.ts';
import type { ElectionEvent } from '../election-types.ts';
import * as electorates from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import type { PeerMessage } from '../peer-messages.ts';
import { hasAuthority } from '../reign.ts';
import { compareTerms, type Term } from '../term.ts';
import { addMs, type Monotonic, NEVER } from '../time.ts';
import { abstentionMs } from '../timing.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';

type Known = Pick<ControllerState, 'electorate'>;

export const byVotes = ({ electorate }: Known): boolean => electorate !== undefined && electorates.byVotes(electorate);
export const quorum = ({ electorate }: Known): number => (electorate ? electorates.quorumOf(electorate) : Infinity);
export const others = ({ electorate }: Known, { self }: ControllerConfig): readonly ControllerId[] =>
  electorate?.members.flatMap(({ id }) => (id === self.id ? [] : [id])) ?? [];

/** Whether commands may be sent at this instant: asked right before each effect. */
export function mayAct(state: ControllerState, now: Monotonic): boolean {
  if (state.standing !== 'member') return false;
  return byVotes(state) ? state.reign !== undefined && hasAuthority(state.reign, now) : lockMayAct(state.election, now);
}

export const actingTerm = (state: ControllerState, now: Monotonic): Term | undefined =>
  mayAct(state, now) ? (byVotes(state) ? state.reign?.term : state.election.term) : undefined;

/** The lock in etcd; with one or two controllers its holder is the master. */
export function lock(
  state: ControllerState,
  event: ElectionEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  // Who is no member does not queue, nor who does not know the pools: it is of no use as master.
  const mayQueue = state.standing === 'member' && state.pools !== undefined;
  if (!mayQueue && (event.kind === 'tick' || event.kind === 'store-changed')) return [state, []];
  const terms = { ...config.election, byVotes: byVotes(state) };
  const [election, found] = stepElection(state.election, event, now, terms);
  if (election === state.election && found.length === 0) return [state, []];
  const next = { ...state, election, ballot: seen(state.ballot, election.highestTerm) };
  const effects: ControllerEffect[] = [];
  let blindUntil = next.blindUntil;
  for (const effect of found) {
    if (effect.kind === 'elected') blindUntil = addMs(now, abstentionMs(config.timing));
    if (effect.kind === 'elected' || effect.kind === 'deposed') effects.push(effect);
    else effects.push({ kind: 'election', effect });
  }
  return [{ ...next, blindUntil }, effects];
}

/** Ends our reign. What we promised ourselves binds us no more, and the others are told that they are free. */
export function resign(
  state: ControllerState,
  reason: string,
  successor: ControllerId | undefined,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { reign, master } = state;
  if (!reign) return [state, []];
  // Whoever outranks its successor would otherwise be its own.
  const standAt = successor === undefined ? NEVER : addMs(now, 2 * candidacy.roundMs(config.timing));
  const ended: ControllerState = {
    ...state,
    reign: undefined,
    verdicts: undefined,
    master: undefined,
    ballot: released(state.ballot, reign.term),
    candidacy: { ...candidacy.withdrawn(state.candidacy), standAt },
  };
  const [next, effects] = lock(ended, { kind: 'reign', term: undefined }, now, config);
  const message: PeerMessage = { kind: 'step-down', term: reign.term, successor };
  const told = others(state, config).map((to): ControllerEffect => ({ kind: 'peer', to, message }));
  const deposed: ControllerEffect[] = master ? [{ kind: 'deposed', term: reign.term, reason }] : [];
  return [next, [...deposed, ...told, ...effects]];
}

/** The peer that acknowledged last is most likely to be well. */
export function bestSuccessor(
  { reign }: ControllerState,
  { self }: ControllerConfig,
  isFit: (id: ControllerId) => boolean = () => true,
): ControllerId | undefined {
  const peers = [...(reign?.ackedAt ?? [])].filter(([id]) => id !== self.id && isFit(id));
  return peers.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))[0]?.[0];
}

export function seeTerm(
  state: ControllerState,
  term: Term | undefined,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const ballot = seen(state.ballot, term);
  if (!term || ballot === state.ballot) return [state, []];
  const [next, effects] = lock({ ...state, ballot }, { kind: 'term-seen', term }, now, config);
  if (!next.reign || compareTerms(term, next.reign.term) <= 0) return [next, effects];
  const [after, more] = resign(next, 'a higher term appeared', undefined, now, config);
  return [after, [...effects, ...more]];
}

/** Why nobody gets our vote or promise at all. */
export function unfit(
  { electorate, standing }: ControllerState,
  theirs: electorates.ElectorateName,
): string | undefined {
  if (!electorate || standing !== 'member') return 'is no member of the electorate';
  const own = electorates.electorateName(electorate);
  return theirs === own ? undefined : `acts by electorate ${own}, the asker by ${theirs}`;
}
