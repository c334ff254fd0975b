/**
 * The multicast of the master on the management network: who answers it, and what follows. All answer: fine. Some do:
 * the others are silent. None does, and no heartbeat comes either: the master itself is cut off. None does, but
 * heartbeats come: the network carries no multicast, which says nothing of anybody.
 */
import { LOST_ROUNDS } from '../agent/reach.ts';
import type { NodeName } from '../ids.ts';
import { isHeard, type NodeEntry, type NodeTable } from '../node-table.ts';
import type { Term } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import { multicastTiming, type Timing } from '../timing.ts';

export interface MemberProbe {
  readonly term: Term;
  readonly askAt: Monotonic;
  /** When the round under way is judged; Infinity between rounds. */
  readonly judgeAt: Monotonic;
  readonly answered: ReadonlySet<NodeName>;
  /** Rounds without an answer, of those that are expected to answer. */
  readonly silentRounds: ReadonlyMap<NodeName, number>;
  /** Since this reign began. */
  readonly everAnswered: ReadonlySet<NodeName>;
  /** Silent ones, while others answer. */
  readonly mute: ReadonlySet<NodeName>;
  readonly verdict: MemberVerdict;
}

export type MemberVerdict = 'fine' | 'some-silent' | 'isolated' | 'no-multicast';

const NOT_DUE = Number.POSITIVE_INFINITY as Monotonic;

export const newMemberProbe = (term: Term, now: Monotonic): MemberProbe => ({
  term,
  askAt: now,
  judgeAt: NOT_DUE,
  answered: new Set(),
  silentRounds: new Map(),
  everAnswered: new Set(),
  mute: new Set(),
  verdict: 'fine',
});

export const memberProbeWakeAt = ({ askAt, judgeAt }: MemberProbe): Monotonic => Math.min(askAt, judgeAt) as Monotonic;

/** A round begins. */
export function membersAsked(probe: MemberProbe, now: Monotonic, timing: Timing): MemberProbe {
  const { roundMs, answerMs } = multicastTiming(timing);
  const planned = addMs(probe.askAt, roundMs);
  const askAt = planned > now ? planned : addMs(now, roundMs);
  return { ...probe, askAt, judgeAt: addMs(now, answerMs), answered: new Set() };
}

/** @param address where the answer came from; one that is not the node's own says nothing */
export function memberAnswered(
  probe: MemberProbe,
  nodes: NodeTable,
  node: NodeName,
  address: string,
): MemberProbe | undefined {
  const entry = nodes.get(node);
  if (!entry || hostOf(entry.witnessAddress) !== address) return undefined;
  const answered = new Set(probe.answered).add(node);
  return { ...probe, answered, everAnswered: new Set(probe.everAnswered).add(node) };
}

/** The round under way ends. */
export function membersJudged(probe: MemberProbe, nodes: NodeTable, now: Monotonic, { leaseMs }: Timing): MemberProbe {
  const expected = [...nodes.values()].filter(isExpected);
  const silentRounds = new Map(
    expected.map(({ node }) => [node, probe.answered.has(node) ? 0 : (probe.silentRounds.get(node) ?? 0) + 1]),
  );
  const silent = expected.filter(({ node }) => (silentRounds.get(node) ?? 0) >= LOST_ROUNDS);
  const judged = { ...probe, judgeAt: NOT_DUE, silentRounds, mute: new Set<NodeName>() };
  if (silent.length === 0) return { ...judged, verdict: 'fine' };
  if (silent.length < expected.length) {
    return { ...judged, mute: new Set(silent.map(({ node }) => node)), verdict: 'some-silent' };
  }
  const heard = expected.filter(({ lastHeard }) => now - lastHeard <= leaseMs);
  const isCutOff = expected.length >= 2 && heard.length * 2 <= expected.length && probe.everAnswered.size > 0;
  return { ...judged, verdict: isCutOff ? 'isolated' : 'no-multicast' };
}

/** It says that it answers, and did not leave. */
const isExpected = (entry: NodeEntry): boolean =>
  isHeard(entry) && entry.answersMulticast && entry.gone !== 'said-goodbye';

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
