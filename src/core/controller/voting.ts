/** Asking for votes and giving them (failure model: Election). */
import { cast, voteRefusal } from '../ballot.ts';
import * as candidacy from '../candidacy.ts';
import { electorateName } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import { knownLeases } from '../known-leases.ts';
import { noVerdicts } from '../lease-verdicts.ts';
import type { PeerMessage, VoteAnswer, VoteRequest } from '../peer-messages.ts';
import { newReign } from '../reign.ts';
import { compareTerms } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { beat } from './following.ts';
import { save } from './lease-table.ts';
import { others, quorum, seeTerm, unfit } from './mandate.ts';

export function stand(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const next = candidacy.stand(state.candidacy, state.ballot, config.self, now, config.timing);
  return ask({ ...state, candidacy: next }, config);
}

/** Asks everybody who has not granted yet. */
export function ask(state: ControllerState, config: ControllerConfig): ControllerStep {
  const { term, round, stage, granted } = state.candidacy;
  if (!term || !state.electorate) return [state, []];
  const request: PeerMessage = {
    kind: 'vote-request',
    round,
    term,
    preVote: stage === 'pre-vote',
    electorate: electorateName(state.electorate),
  };
  const effects = others(state, config)
    .filter((id) => !granted.has(id))
    .map((to): ControllerEffect => ({ kind: 'peer', to, message: request }));
  return [state, effects];
}

export function voteRequested(
  state: ControllerState,
  from: ControllerId,
  request: VoteRequest,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (!state.electorate) return [state, []];
  const outranks =
    request.preVote &&
    !state.reign &&
    state.pools !== undefined &&
    candidacy.outranks(config.self, state.candidacy, state.ballot, state.election, request, now, config.timing);
  const refusal =
    unfit(state, request.electorate) ??
    voteRefusal(state.ballot, request.term, now) ??
    (outranks ? 'outranks the candidate' : undefined);
  const granted = refusal === undefined;
  const voted = granted && !request.preVote;
  const ballot = voted ? cast(state.ballot, request.term) : state.ballot;
  // Who has voted for another in a higher term cannot win its own round any more.
  const own = voted ? candidacy.yielded(state.candidacy, now, config.timing) : state.candidacy;
  const next = { ...state, ballot, candidacy: own };
  const answer: PeerMessage = {
    kind: 'vote-answer',
    round: request.round,
    term: request.term,
    preVote: request.preVote,
    granted,
    reason: refusal ?? '',
    highestTerm: ballot.highestTerm,
    leases: voted ? knownLeases(state.nodes, undefined, now, config.timing) : [],
    electorate: electorateName(state.electorate),
  };
  const effects: ControllerEffect[] = [{ kind: 'peer', to: from, message: answer }];
  return [next, voted ? [save(next, now, config), ...effects] : effects];
}

export function voteAnswered(
  before: ControllerState,
  from: ControllerId,
  answer: VoteAnswer,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const [state, effects] = seeTerm(before, answer.highestTerm, now, config);
  if (state.reign || unfit(state, answer.electorate) !== undefined) return [state, effects];
  const { candidacy: own } = state;
  const after = candidacy.answered(own, from, answer);
  if (!answer.granted && own.term && answer.highestTerm && compareTerms(answer.highestTerm, own.term) > 0) {
    // Nobody will vote for that number any more.
    const again = answer.round === own.round ? candidacy.failed(own, config.self, now, config.timing) : own;
    return [{ ...state, candidacy: again }, effects];
  }
  if (after === own || after.granted.size < quorum(state)) return [{ ...state, candidacy: after }, effects];
  const [next, more] =
    after.stage === 'pre-vote' ? campaign(state, after, now, config) : won(state, after, now, config);
  return [next, [...effects, ...more]];
}

function campaign(
  state: ControllerState,
  round: candidacy.Candidacy,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const own = knownLeases(state.nodes, undefined, now, config.timing);
  const result = candidacy.campaign(round, state.ballot, config.self, own, now, config.timing);
  if (!result) return [{ ...state, candidacy: candidacy.withdrawn(round) }, []];
  const [next, ballot] = result;
  const voted = { ...state, candidacy: next, ballot };
  const [asked, requests] = ask(voted, config);
  return [asked, [save(asked, now, config), ...requests]];
}

function won(
  state: ControllerState,
  round: candidacy.Candidacy,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { term, sentAt, granted } = round;
  const votesUntil = addMs(sentAt, config.timing.leaderLeaseMs);
  if (!term || now >= votesUntil) return [{ ...state, candidacy: candidacy.withdrawn(round) }, []];
  const inherited = [...granted.values(), knownLeases(state.nodes, undefined, now, config.timing)].flat();
  const reign = newReign(term, votesUntil, inherited, now);
  const next = { ...state, candidacy: candidacy.withdrawn(round), verdicts: noVerdicts(inherited, now) };
  return beat(next, reign, now, config);
}
