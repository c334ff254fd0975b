/**
 * Who is master (design 3.3): by the lock in etcd with one or two controllers, by votes and the acknowledged beats of a
 * majority with more.
 */
import { cast, followed, followRefusal, follow, released, seen, voteRefusal, type Ballot } from '../ballot.ts';
import * as candidacy from '../candidacy.ts';
import { electionWakeAt, mayAct as lockMayAct, stepElection } from '../election.ts';
import type { ElectionEvent } from '../election-types.ts';
import { electorateName, quorumOf, votes } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import { knownLeases } from '../known-leases.ts';
import { byNode, noVerdicts, type PeerTable, restoreKey } from '../lease-verdicts.ts';
import { newMaster } from '../master.ts';
import { nodeRestored, type NodeTable } from '../node-table.ts';
import type { Beat, BeatAnswer, PeerMessage, StepDown, VoteAnswer, VoteRequest } from '../peer-messages.ts';
import { beatAcknowledged, beatSent, hasAuthority, hasLapsed, newReign, type Reign, reignEnd } from '../reign.ts';
import { compareTerms, type Term } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import { abstentionMs, beatMs } from '../timing.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { save, tableName, withTable } from './lease-table.ts';

export const byVotes = ({ electorate }: ControllerConfig): boolean => votes(electorate.members.length);
export const quorum = ({ electorate }: ControllerConfig): number => quorumOf(electorate.members.length);
export const others = ({ electorate, self }: ControllerConfig): readonly ControllerId[] =>
  electorate.members.flatMap(({ id }) => (id === self.id ? [] : [id]));

/** Another electorate than ours is on record: we refuse to act (design 3.11). */
export function isForeign({ election: { recorded } }: ControllerState, { electorate }: ControllerConfig): boolean {
  return recorded !== undefined && electorateName(recorded) !== electorateName(electorate);
}

/** Whether commands may be sent at this instant: asked right before each effect. */
export function mayAct(state: ControllerState, now: Monotonic, config: ControllerConfig): boolean {
  if (isForeign(state, config)) return false;
  return byVotes(config)
    ? state.reign !== undefined && hasAuthority(state.reign, now)
    : lockMayAct(state.election, now);
}

const actingTerm = (state: ControllerState, now: Monotonic, config: ControllerConfig): Term | undefined =>
  mayAct(state, now, config) ? (byVotes(config) ? state.reign?.term : state.election.term) : undefined;

export function mastershipWakeAt(state: ControllerState, config: ControllerConfig): Monotonic {
  if (!state.pools) return Number.POSITIVE_INFINITY as Monotonic;
  const lockAt = electionWakeAt(state.election);
  if (!byVotes(config) || state.election.phase === 'stopped') return lockAt;
  const { reign } = state;
  const at = reign
    ? Math.min(reign.beatAt, reignEnd(reign))
    : Math.min(
        candidacy.standAt(state.candidacy, state.ballot, config.self, state.election, config.timing),
        state.candidacy.repeatAt,
        candidacy.roundEnd(state.candidacy, config.timing),
      );
  return Math.min(lockAt, at > Number.NEGATIVE_INFINITY ? at : lockAt) as Monotonic;
}

/** What the passing of time changes: a lapsed authority, a round that failed, a beat that is due. */
export function mastershipTick(before: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const effects: ControllerEffect[] = [];
  let state = before;
  const run = ([next, more]: ControllerStep): void => {
    state = next;
    effects.push(...more);
  };
  run(lock(state, { kind: 'tick' }, now, config));
  if (!byVotes(config) || state.election.phase === 'stopped') return [state, effects];
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
  if (!state.pools || isForeign(state, config)) return false;
  return now >= candidacy.standAt(state.candidacy, state.ballot, config.self, state.election, config.timing);
}

function stand(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const next = candidacy.stand(state.candidacy, state.ballot, config.self, now, config.timing);
  return ask({ ...state, candidacy: next }, config);
}

/** Asks everybody who has not granted yet. */
function ask(state: ControllerState, config: ControllerConfig): ControllerStep {
  const { term, round, stage, granted } = state.candidacy;
  if (!term) return [state, []];
  const request: PeerMessage = {
    kind: 'vote-request',
    round,
    term,
    preVote: stage === 'pre-vote',
    electorate: electorateName(config.electorate),
  };
  const effects = others(config)
    .filter((id) => !granted.has(id))
    .map((to): ControllerEffect => ({ kind: 'peer', to, message: request }));
  return [state, effects];
}

/** The lock in etcd; with one or two controllers its holder is the master. */
export function lock(
  state: ControllerState,
  event: ElectionEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  // Who does not know the pools is of no use as master: it does not queue.
  if (!state.pools && (event.kind === 'tick' || event.kind === 'store-changed')) return [state, []];
  const [election, found] = stepElection(state.election, event, now, config.election);
  if (election === state.election && found.length === 0) return [state, []];
  const next = { ...state, election, ballot: seen(state.ballot, election.highestTerm) };
  const effects: ControllerEffect[] = [];
  if (isForeign(next, config) && !isForeign(state, config)) effects.push(foreign(next, config));
  let blindUntil = next.blindUntil;
  for (const effect of found) {
    if (effect.kind === 'elected') blindUntil = addMs(now, abstentionMs(config.timing));
    if (effect.kind === 'elected' || effect.kind === 'deposed') effects.push(effect);
    else effects.push({ kind: 'election', effect });
  }
  return [{ ...next, blindUntil }, effects];
}

const foreign = ({ election: { recorded } }: ControllerState, { electorate }: ControllerConfig): ControllerEffect => ({
  kind: 'log',
  level: 'error',
  message: 'another electorate is on record: this controller refuses to act',
  fields: {
    configured: electorate.members.map(({ id, address }) => `${id}=${address}`).join(','),
    recorded: recorded?.members.map(({ id, address }) => `${id}=${address}`).join(','),
    instead: 'start every controller and agent with the recorded --controllers, or remove the record in etcd while all of them are stopped',
  },
});

/** Decisions of one reign are never carried into another. */
export function withMaster(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const term = actingTerm(state, now, config);
  if (term === state.master?.term) return [state, []];
  const master = term && newMaster(term);
  const next = { ...state, master, dirty: true };
  if (!byVotes(config)) return [next, []];
  if (!term) return [next, []];
  const [locked, effects] = lock(next, { kind: 'reign', term }, now, config);
  return [locked, [{ kind: 'elected', term }, ...effects]];
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
  const ended: ControllerState = {
    ...state,
    reign: undefined,
    verdicts: undefined,
    master: undefined,
    ballot: released(state.ballot, reign.term),
    candidacy: candidacy.withdrawn(state.candidacy),
  };
  const [next, effects] = lock(ended, { kind: 'reign', term: undefined }, now, config);
  const message: PeerMessage = { kind: 'step-down', term: reign.term, successor };
  const told = others(config).map((to): ControllerEffect => ({ kind: 'peer', to, message }));
  const deposed: ControllerEffect[] = master ? [{ kind: 'deposed', term: reign.term, reason }] : [];
  return [next, [...deposed, ...told, ...effects]];
}

/** Before anything else: an authority that ran out while we slept is over for good. */
export function endLapsedReign(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (!state.reign || !hasLapsed(state.reign, now)) return [state, []];
  return resign(state, 'a majority of the controllers no longer acknowledges', undefined, now, config);
}

/** The peer that acknowledged last is most likely to be well. */
export function bestSuccessor({ reign }: ControllerState, { self }: ControllerConfig): ControllerId | undefined {
  const peers = [...(reign?.ackedAt ?? [])].filter(([id]) => id !== self.id);
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

export function peerMessage(
  state: ControllerState,
  from: ControllerId,
  message: PeerMessage,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (!byVotes(config) || state.election.phase === 'stopped') return [state, []];
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

/** Why nobody gets our vote or promise at all. */
function unfit(state: ControllerState, electorate: string, config: ControllerConfig): string | undefined {
  if (isForeign(state, config)) return 'refuses to act: another electorate is on record';
  const own = electorateName(config.electorate);
  return electorate === own ? undefined : `is configured with electorate ${own}, the asker with ${electorate}`;
}

function voteRequested(
  state: ControllerState,
  from: ControllerId,
  request: VoteRequest,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const outranks =
    request.preVote &&
    !state.reign &&
    state.pools !== undefined &&
    candidacy.outranks(config.self, state.candidacy, state.ballot, state.election, request, now, config.timing);
  const refusal =
    unfit(state, request.electorate, config) ??
    voteRefusal(state.ballot, request.term, now) ??
    (outranks ? 'outranks the candidate' : undefined);
  const granted = refusal === undefined;
  const voted = granted && !request.preVote;
  const ballot = voted ? cast(state.ballot, request.term) : state.ballot;
  // Who has voted for another in a higher term cannot win its own round any more.
  const next = { ...state, ballot, candidacy: voted ? candidacy.withdrawn(state.candidacy) : state.candidacy };
  const answer: PeerMessage = {
    kind: 'vote-answer',
    round: request.round,
    term: request.term,
    preVote: request.preVote,
    granted,
    reason: refusal ?? '',
    highestTerm: ballot.highestTerm,
    leases: voted ? knownLeases(state.nodes, undefined, now, config.timing) : [],
    electorate: electorateName(config.electorate),
  };
  const effects: ControllerEffect[] = [{ kind: 'peer', to: from, message: answer }];
  return [next, voted ? [save(next, now, config), ...effects] : effects];
}

function voteAnswered(
  before: ControllerState,
  from: ControllerId,
  answer: VoteAnswer,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const [state, effects] = seeTerm(before, answer.highestTerm, now, config);
  if (state.reign || answer.electorate !== electorateName(config.electorate)) return [state, effects];
  const { candidacy: own } = state;
  const after = candidacy.answered(own, from, answer);
  if (!answer.granted && own.term && answer.highestTerm && compareTerms(answer.highestTerm, own.term) > 0) {
    // Nobody will vote for that number any more.
    const again = answer.round === own.round ? candidacy.failed(own, config.self, now, config.timing) : own;
    return [{ ...state, candidacy: again }, effects];
  }
  if (after === own || after.granted.size < quorum(config)) return [{ ...state, candidacy: after }, effects];
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
  const next = { ...state, candidacy: candidacy.withdrawn(round), verdicts: noVerdicts(inherited) };
  return beat(next, reign, now, config);
}

/** Asks everybody to follow, ourselves included. */
function beat(state: ControllerState, before: Reign, now: Monotonic, config: ControllerConfig): ControllerStep {
  const reign = beatSent(before, beatMs(config.timing), now);
  const messages = others(config).map((to): ControllerEffect => {
    const table = state.verdicts?.peers.get(to);
    const message: PeerMessage = {
      kind: 'beat',
      sequence: reign.sequence,
      term: reign.term,
      electorate: electorateName(config.electorate),
      knownTable: table?.name ?? '',
      restores: pendingRestores(state, to, table),
    };
    return { kind: 'peer', to, message };
  });
  if (followRefusal(state.ballot, reign.term, now) !== undefined) return [{ ...state, reign }, messages];
  const [promised, saved] = promise(state, reign.term, now, config);
  const acked = beatAcknowledged(reign, config.self.id, reign.sequence, quorum(config), config.timing);
  return [{ ...promised, reign: acked }, [...saved, ...messages]];
}

function pendingRestores(state: ControllerState, to: ControllerId, table: PeerTable | undefined): Beat['restores'] {
  const restores = [...(state.verdicts?.restores ?? [])].filter(([key]) => key.startsWith(`${to} `));
  return restores.flatMap(([, restore]) => {
    const known = table?.leases.get(restore.node)?.find((item) => item.lease.incarnation === restore.lease.incarnation);
    return known && known.restored < restore.number ? [restore] : [];
  });
}

function promise(state: ControllerState, term: Term, now: Monotonic, config: ControllerConfig): ControllerStep {
  const before: Ballot = state.ballot;
  const ballot = follow(before, term, now, config.timing);
  const next = { ...state, ballot };
  const known = before.promise && compareTerms(before.promise.term, term) === 0;
  const until = ballot.promise?.until ?? now;
  return [next, [known ? { kind: 'save-promise', until } : save(next, now, config)]];
}

function beaten(
  before: ControllerState,
  from: ControllerId,
  message: Beat,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { term } = message;
  const own = before.reign && compareTerms(term, before.reign.term) > 0;
  const [state, resigned] = own
    ? resign(before, 'another master beats with a higher term', undefined, now, config)
    : [before, []];
  const refusal = unfit(state, message.electorate, config) ?? followRefusal(state.ballot, term, now);
  const accepted = refusal === undefined;
  const [promised, effects] = accepted ? promise(state, term, now, config) : [state, []];
  const [restored, more] = accepted ? restore(promised, message, now, config) : [promised, []];
  const following = accepted ? { ...restored, candidacy: candidacy.withdrawn(restored.candidacy) } : restored;
  const table = accepted ? tableName(following, config) : '';
  const answer: PeerMessage = {
    kind: 'beat-answer',
    sequence: message.sequence,
    term,
    accepted,
    reason: refusal ?? '',
    highestTerm: following.ballot.highestTerm,
    table,
    leases:
      table === '' || table === message.knownTable
        ? undefined
        : knownLeases(following.nodes, term, now, config.timing),
    electorate: electorateName(config.electorate),
  };
  return [following, [...resigned, ...effects, ...more, { kind: 'peer', to: from, message: answer }]];
}

function restore(state: ControllerState, message: Beat, now: Monotonic, config: ControllerConfig): ControllerStep {
  let nodes: NodeTable = state.nodes;
  for (const item of message.restores) nodes = nodeRestored(nodes, item, message.term, now) ?? nodes;
  if (nodes === state.nodes) return [state, []];
  return withTable(
    state,
    nodes,
    message.restores.map(({ node }) => node),
    now,
    config,
  );
}

function beatAnswered(
  before: ControllerState,
  from: ControllerId,
  answer: BeatAnswer,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const [state, effects] = seeTerm(before, answer.highestTerm, now, config);
  const { reign, verdicts } = state;
  if (!reign || !verdicts || !answer.accepted || compareTerms(answer.term, reign.term) !== 0) return [state, effects];
  const sentAt = reign.sentAt.get(answer.sequence);
  if (sentAt === undefined) return [state, effects];
  const after = beatAcknowledged(reign, from, answer.sequence, quorum(config), config.timing);
  const next = { ...state, reign: after };
  const known = verdicts.peers.get(from);
  const freshUntil = addMs(sentAt, abstentionMs(config.timing));
  // An answer that was overtaken says nothing about now.
  if (known && known.freshUntil > freshUntil) return [next, effects];
  if (!answer.leases && known?.name !== answer.table) return [next, effects];
  const leases = answer.leases ? byNode(answer.leases) : (known?.leases ?? new Map());
  const peers = new Map(verdicts.peers).set(from, { name: answer.table, leases, freshUntil });
  const dirty = state.dirty || answer.leases !== undefined;
  return [{ ...next, verdicts: { ...verdicts, peers }, dirty }, effects];
}

function steppedDown(
  state: ControllerState,
  message: StepDown,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const ballot = released(state.ballot, message.term);
  if (ballot === state.ballot) return [state, []];
  const chosen = message.successor === config.self.id;
  // The others leave the successor the time of one round.
  const standAt = chosen || message.successor === undefined ? now : addMs(now, candidacy.roundMs(config.timing));
  const next = { ...state, ballot, candidacy: { ...candidacy.withdrawn(state.candidacy), standAt } };
  return [next, [{ kind: 'save-promise', until: now }]];
}

/** The master takes revocations back that were a false alarm: the node still knocks, and its lease is not over (design 3.4). */
export function restoreFalseAlarms(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { verdicts, reign } = state;
  if (!verdicts || !reign) return [state, []];
  const over = (key: string): boolean => verdicts.over.has(key);
  let { restores } = verdicts;
  for (const [controller, table] of verdicts.peers) {
    for (const { node, lease, revoked, knocking, restored } of [...table.leases.values()].flat()) {
      if (!revoked || !knocking || over(`${node} ${lease.incarnation} ${lease.epoch}`)) continue;
      const key = restoreKey(controller, node);
      const pending = restores.get(key);
      if (pending && restored < pending.number) continue;
      restores = new Map(restores).set(key, { node, lease, number: restored + 1 });
    }
  }
  const [next, effects] = restoreOwn({ ...state, verdicts: { ...verdicts, restores } }, now, config);
  return [next, effects];
}

/** Our own revocation is one of those that count: taken back it counts no more from this instant. */
function restoreOwn(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  const { verdicts, reign } = state;
  if (!verdicts || !reign) return [state, []];
  const known = knownLeases(state.nodes, reign.term, now, config.timing);
  let nodes: NodeTable = state.nodes;
  const changed = known.filter(({ node, lease, knocking, restored }) => {
    if (!knocking || verdicts.over.has(`${node} ${lease.incarnation} ${lease.epoch}`)) return false;
    nodes = nodeRestored(nodes, { node, lease, number: restored + 1 }, reign.term, now) ?? nodes;
    return true;
  });
  if (changed.length === 0) return [state, []];
  return withTable(
    state,
    nodes,
    changed.map(({ node }) => node),
    now,
    config,
  );
}
