/**
 * The master's beats, and what the others promise and report in answer (failure model: Election; Node lease and fence).
 */
import { type Ballot, follow, followRefusal, released } from '../ballot.ts';
import * as candidacy from '../candidacy.ts';
import { electorateName } from '../electorate.ts';
import type { ControllerId, NodeName } from '../ids.ts';
import { knownLeases } from '../known-leases.ts';
import { type PeerTable, reported } from '../lease-verdicts.ts';
import { nodeRestored, type NodeTable } from '../node-table.ts';
import type { Beat, BeatAnswer, PeerMessage, StepDown } from '../peer-messages.ts';
import { beatAcknowledged, beatSent, type Reign } from '../reign.ts';
import { compareTerms, type Term } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import { abstentionMs, beatMs } from '../timing.ts';
import { withEntry } from '../with-entry.ts';
import type { ControllerConfig, ControllerEffect, ControllerState, ControllerStep } from './controller-state.ts';
import { save, tableName, withTable } from './lease-table.ts';
import { others, quorum, resign, seeTerm, unfit } from './mandate.ts';
import { refuseSpent, spentBy, unknownTo } from './spent-leases.ts';

/** Asks everybody to follow, ourselves included. */
export function beat(state: ControllerState, before: Reign, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (!state.electorate) return [state, []];
  const electorate = electorateName(state.electorate);
  const reign = beatSent(before, beatMs(config.timing), now);
  const spent = spentBy(state.master);
  const messages = others(state, config).map((to): ControllerEffect => {
    const table = state.verdicts?.peers.get(to);
    const message: PeerMessage = {
      kind: 'beat',
      sequence: reign.sequence,
      term: reign.term,
      electorate,
      knownTable: table?.name ?? '',
      restores: pendingRestores(state, to, table),
      spent: unknownTo(table, spent),
    };
    return { kind: 'peer', to, message };
  });
  if (followRefusal(state.ballot, reign.term, now) !== undefined) return [{ ...state, reign }, messages];
  const [promised, saved] = promise(state, reign.term, now, config);
  const acked = beatAcknowledged(reign, config.self.id, reign.sequence, quorum(state), config.timing);
  return [{ ...promised, reign: acked }, [...saved, ...messages]];
}

function pendingRestores(state: ControllerState, to: ControllerId, table: PeerTable | undefined): Beat['restores'] {
  if (!state.verdicts || state.verdicts.restores.size === 0) return [];
  const restores = [...state.verdicts.restores].filter(([key]) => key.startsWith(`${to} `));
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

export function beaten(
  before: ControllerState,
  from: ControllerId,
  message: Beat,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const { term } = message;
  if (!before.electorate) return [before, []];
  const own = before.reign && compareTerms(term, before.reign.term) > 0;
  const [state, resigned] = own
    ? resign(before, 'another master beats with a higher term', undefined, now, config)
    : [before, []];
  const refusal = unfit(state, message.electorate) ?? followRefusal(state.ballot, term, now);
  const accepted = refusal === undefined;
  const [promised, effects] = accepted ? promise(state, term, now, config) : [state, []];
  const [restored, more] = accepted ? restore(promised, message, now, config) : [promised, []];
  const [refusing, told] = accepted ? refuseSpent(restored, message.spent, now, config) : [restored, []];
  const following = accepted ? withdrawn(refusing) : refusing;
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
      table === '' || table === message.knownTable ? undefined : knownLeases(following.nodes, term, now, config.timing),
    electorate: electorateName(before.electorate),
    node: config.node,
  };
  const answered = following.toldOfTable ? { ...following, toldOfTable: false } : following;
  return [answered, [...resigned, ...effects, ...more, ...told, { kind: 'peer', to: from, message: answer }]];
}

function withdrawn(state: ControllerState): ControllerState {
  const own = candidacy.withdrawn(state.candidacy);
  return own === state.candidacy ? state : { ...state, candidacy: own };
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

export function beatAnswered(
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
  const after = beatAcknowledged(reign, from, answer.sequence, quorum(state), config.timing);
  const next = { ...state, reign: after, peerNodes: withNode(state.peerNodes, from, answer.node) };
  const known = verdicts.peers.get(from);
  const freshUntil = addMs(sentAt, abstentionMs(config.timing));
  // An answer that was overtaken says nothing about now.
  if (known && known.freshUntil > freshUntil) return [next, effects];
  const table = reported(known, answer.table, answer.leases, freshUntil, now);
  if (!table) return [next, effects];
  const peers = withEntry(verdicts.peers, from, table);
  // What it had revoked counts again after a silence.
  const isBack = known !== undefined && now >= known.freshUntil;
  const dirty = state.dirty || answer.leases !== undefined || isBack;
  return [{ ...next, verdicts: { ...verdicts, peers }, dirty }, effects];
}

function withNode(
  known: ControllerState['peerNodes'],
  from: ControllerId,
  node: NodeName | undefined,
): ControllerState['peerNodes'] {
  return node === undefined || known.get(from) === node ? known : new Map(known).set(from, node);
}

export function steppedDown(
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
  const chosenAt = chosen ? now : state.chosenAt;
  const next = { ...state, ballot, chosenAt, candidacy: { ...candidacy.withdrawn(state.candidacy), standAt } };
  return [next, [{ kind: 'save-promise', until: now }]];
}
