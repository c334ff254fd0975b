/**
 * Whether the service network carries anything on an interface, judged round by round from who answers:
 *
 *   Alone, Unknown --LOST_ROUNDS with answers--> Answered --a silent round--> Suspect --LOST_ROUNDS of them--> Silent
 *                \                                 ^                          ^  ^ |                              |
 *                 +--a silent round after an answer|--------------------------+  +-|----------an answer----------+
 *                                                  +--as many rounds with answers--+
 *
 * The silence of those who have never answered says nothing: they may be forbidden to. Suspect lies on both ways and takes
 * as long back as there, so that hosts behind a switch that fails, or works again, never look Silent and Answered at the
 * same time, although each asks in rounds of its own. For the same reason an interface that has lost its carrier is Unknown.
 */
import type { Neighbours, ReachState } from '../neighbours.ts';

/** Rounds of silence after which an interface reaches nobody any more. */
export const LOST_ROUNDS = 4;

export interface Track extends Neighbours {
  readonly state: ReachState;
  /** Of the round under way; undefined: none is, because the interface has no carrier. */
  readonly asked: readonly string[] | undefined;
  /** Who answered since the last round ended. */
  readonly answered: readonly string[];
  /** Who has ever answered, of those that were asked last. */
  readonly known: ReadonlySet<string>;
  /** Since it was Answered, until it is Silent. */
  readonly isTrusted: boolean;
  /** Since it was Silent, until it is trusted again. */
  readonly isLost: boolean;
  /** In a row. */
  readonly silentRounds: number;
  /** Rounds with answers until it is trusted again. */
  readonly owedRounds: number;
  /** Rounds of silence of each watched one that has answered. */
  readonly alive: ReadonlyMap<string, number>;
  /** Smoothed, of the first answer of each round, in milliseconds; undefined before the first. */
  readonly rttMs: number | undefined;
}

export const newTrack = (neighbours: Neighbours): Track => ({
  ...neighbours,
  state: 'Unknown',
  asked: undefined,
  answered: [],
  known: new Set(),
  isTrusted: false,
  isLost: false,
  silentRounds: 0,
  owedRounds: LOST_ROUNDS,
  alive: new Map(),
  rttMs: undefined,
});

/** Other neighbours than before; what was judged stays until somebody answers. */
export const withNeighbours = (track: Track, { peers, watched }: Neighbours): Track => ({
  ...track,
  peers,
  watched,
  alive: new Map([...track.alive].filter(([address]) => watched.includes(address))),
});

/**
 * What was late counts for this round.
 *
 * @param asked peers, watched ones and the gateway, as far as they could be asked; undefined: no carrier
 */
export function roundBegins(track: Track, asked: readonly string[] | undefined): Track {
  if (!asked) return unplugged(track);
  const { known } = track;
  const isSame = [...known].every((address) => asked.includes(address));
  return { ...track, asked, known: isSame ? known : new Set(asked.filter((address) => known.has(address))) };
}

/** The answers of before are no proof any more: a node whose link is back must not pass for well before its neighbours do. */
const unplugged = (track: Track): Track => ({
  ...track,
  asked: undefined,
  isTrusted: false,
  owedRounds: LOST_ROUNDS,
  state: track.state === 'Answered' ? 'Unknown' : track.state,
});

/** Share of a new measurement in the smoothed one. */
const RTT_SHARE = 1 / 8;

/** @param afterMs since the round began */
export function answeredBy(track: Track, address: string, afterMs: number): Track {
  if (!track.asked?.includes(address)) return track;
  const { rttMs, answered } = track;
  const smoothed = rttMs === undefined ? afterMs : rttMs + RTT_SHARE * (afterMs - rttMs);
  return {
    ...track,
    answered: answered.includes(address) ? answered : [...answered, address],
    known: track.known.has(address) ? track.known : new Set(track.known).add(address),
    rttMs: answered.length === 0 ? smoothed : rttMs,
  };
}

/** Whether the service network looks the same by both: further answers of a round change nothing that is seen there. */
export const isSeenAlike = (before: Track | undefined, after: Track): boolean =>
  before === after ||
  (before?.state === after.state &&
    before.rttMs === after.rttMs &&
    // Who is silent is told.
    (after.state !== 'Silent' || (before.asked === after.asked && before.known === after.known)));

export function roundEnds(track: Track): Track {
  const { asked, answered } = track;
  if (!asked) return track;
  const judged = { ...track, answered: [], alive: watchedAlive(track) };
  return answered.length > 0 ? afterAnswers(judged) : afterSilence(judged, asked);
}

function afterAnswers(track: Track): Track {
  const owedRounds = Math.max(0, track.owedRounds - 1);
  const isWell = owedRounds === 0;
  const isTrusted = track.isTrusted || isWell;
  const isNew = track.state === 'Unknown' || track.state === 'Alone';
  const state = isWell ? 'Answered' : isNew ? 'Unknown' : 'Suspect';
  return { ...track, silentRounds: 0, owedRounds, isTrusted, isLost: track.isLost && !isWell, state };
}

function afterSilence(track: Track, asked: readonly string[]): Track {
  const targets = asked.filter((address) => !track.watched.includes(address));
  const unjudged = { silentRounds: 0, owedRounds: LOST_ROUNDS, isTrusted: false, isLost: false };
  if (targets.length === 0) return { ...track, ...unjudged, state: 'Alone' };
  const isKnown = targets.some((address) => track.known.has(address));
  if (!isKnown && !track.isLost) return { ...track, ...unjudged, state: 'Unknown' };
  const silentRounds = track.silentRounds + 1;
  const isLost = track.isLost || silentRounds >= LOST_ROUNDS;
  const isTrusted = track.isTrusted && !isLost;
  const owedRounds = isTrusted ? Math.max(track.owedRounds, silentRounds) : LOST_ROUNDS;
  return {
    ...track,
    silentRounds,
    owedRounds,
    isTrusted,
    isLost,
    state: silentRounds >= LOST_ROUNDS ? 'Silent' : 'Suspect',
  };
}

/** Like the interface itself, a watched one is silent only after some rounds. */
function watchedAlive({ watched, answered, alive }: Track): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const address of watched) {
    const silent = answered.includes(address) ? 0 : (alive.get(address) ?? LOST_ROUNDS) + 1;
    if (silent < LOST_ROUNDS) next.set(address, silent);
  }
  return next.size === 0 && alive.size === 0 ? alive : next;
}
