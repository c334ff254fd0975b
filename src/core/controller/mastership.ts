/** What the passing of time and other controllers' words do to mastership (failure model: Election). */
import { followed } from '../ballot.ts';
import * as candidacy from '../candidacy.ts';
import { electionWakeAt } from '../election.ts';
import type { ControllerId } from '../ids.ts';
import { newMaster } from '../master.ts';
import type { PeerMessage } from '../peer-messages.ts';
import { hasLapsed, reignEnd } from '../reign.ts';
import { compareTerms } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { NO_BARS } from './barring.ts';
import { newCare } from './caring.ts';
import { compareElectorates, toldElectorate } from './electorate-keeping.ts';
import { wishHeard } from './electorate-wishes.ts';
import { beat, beatAnswered, beaten, steppedDown } from './following.ts';
import { actingTerm, byVotes, lock, resign } from './mandate.ts';
import { ask, stand, voteAnswered, voteRequested } from './voting.ts';

export function mastershipWakeAt(state: ControllerState, config: ControllerConfig): Monotonic {
  if (!state.pools || state.standing !== 'member') return Number.POSITIVE_INFINITY as Monotonic;
  const lockAt = electionWakeAt(state.election);
  if (!byVotes(state) || state.election.phase === 'stopped') return lockAt;
  const { reign } = state;
  if (reign) return Math.min(lockAt, reign.beatAt, reignEnd(reign)) as Monotonic;
  return Math.min(lockAt, candidacyWakeAt(state, config)) as Monotonic;
}

function candidacyWakeAt(state: ControllerState, config: ControllerConfig): number {
  const { candidacy: own, ballot, election } = state;
  return own.stage === 'waiting'
    ? candidacy.standAt(own, ballot, config.self, election, config.timing)
    : Math.min(own.repeatAt, candidacy.roundEnd(own, config.timing));
}

/** What the passing of time changes: a lapsed authority, a round that failed, a beat that is due. */
export function mastershipTick(before: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const effects: ControllerEffect[] = [];
  let state = before;
  const run = ([next, more]: ControllerStep): void => {
    state = next;
    if (more.length > 0) effects.push(...more);
  };
  if (now >= electionWakeAt(state.election)) run(lock(state, { kind: 'tick' }, now, config));
  if (!byVotes(state) || state.election.phase === 'stopped') return [state, effects];
  if (state.reign && now >= state.reign.beatAt) run(beat(state, state.reign, now, config));
  if (state.reign) return [state, effects];
  const { stage, repeatAt } = state.candidacy;
  if (stage !== 'waiting' && followed(state.ballot, now)) {
    state = { ...state, candidacy: candidacy.withdrawn(state.candidacy) };
  } else if (stage !== 'waiting' && now >= candidacy.roundEnd(state.candidacy, config.timing)) {
    state = { ...state, candidacy: candidacy.failed(state.candidacy, config.self, now, config.timing) };
  } else if (stage !== 'waiting' && now >= repeatAt) {
    run(ask({ ...state, candidacy: candidacy.repeated(state.candidacy, now, config.timing) }, config));
  }
  if (mayStand(state, now, config)) run(stand(state, now, config));
  return [state, effects];
}

function mayStand(state: ControllerState, now: Monotonic, config: ControllerConfig): boolean {
  // Who does not know the pools is of no use as master.
  if (!state.pools || state.standing !== 'member') return false;
  return now >= candidacy.standAt(state.candidacy, state.ballot, config.self, state.election, config.timing);
}

/** Decisions of one reign are never carried into another. */
export function withMaster(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const term = actingTerm(state, now);
  if (term === state.master?.term) return [state, []];
  const master = term && newMaster(term);
  // Later the record is what this very master has written.
  const care = newCare(state.care);
  const tasks = { ...state.tasks, begun: new Map() };
  const next = { ...state, master, tasks, care, bars: NO_BARS, recordFound: master && state.pools, dirty: true };
  if (!byVotes(state)) return [next, []];
  if (!term) return [next, []];
  const [locked, effects] = lock(next, { kind: 'reign', term }, now, config);
  return [locked, [{ kind: 'elected', term }, ...effects]];
}

/** Before anything else: an authority that ran out while we slept is over for good. */
export function endLapsedReign(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (!state.reign || !hasLapsed(state.reign, now)) return [state, []];
  return resign(state, 'a majority of the controllers no longer acknowledges', undefined, now, config);
}

export function peerMessage(
  state: ControllerState,
  from: ControllerId,
  message: PeerMessage,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (state.election.phase === 'stopped') return [state, []];
  if (message.kind === 'electorate') return toldElectorate(state, message.electorate, now, config);
  const [compared, effects] =
    'electorate' in message ? compareElectorates(state, from, message.electorate, now) : [state, []];
  const [next, more] = peerSaid(compared, from, message, now, config);
  return [next, effects.length === 0 ? more : [...effects, ...more]];
}

function peerSaid(
  state: ControllerState,
  from: ControllerId,
  message: Exclude<PeerMessage, { kind: 'electorate' }>,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (message.kind === 'wish') return [wishHeard(state, from, message, now), []];
  if (!byVotes(state)) return [state, []];
  switch (message.kind) {
    case 'vote-request':
      return voteRequested(state, from, message, now, config);
    case 'vote-answer':
      return voteAnswered(state, from, message, now, config);
    case 'beat':
      return beaten(state, from, message, now, config);
    case 'beat-answer':
      return beatAnswered(state, from, message, now, config);
    case 'step-down':
      return steppedDown(state, message, now, config);
    case 'changed':
      return state.reign && compareTerms(message.term, state.reign.term) === 0
        ? beat(state, state.reign, now, config)
        : [state, []];
  }
}
