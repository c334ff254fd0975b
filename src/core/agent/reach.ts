/**
 * Whether the service network carries anything on an interface, judged round by round from who answers:
 *
 *   Alone, Unknown --LOST_ROUNDS with answers--> Answered --a silent round--> Suspect --LOST_ROUNDS of them--> Silent
 *                                                  ^                          ^    |                              |
 *                                                  |                          +----|----------an answer-----------+
 *                                                  +--as many rounds with answers--+
 *
 * The silence of those who have never answered says nothing: they may be forbidden to. Suspect lies on both ways and takes
 * as long back as there, so that hosts behind a switch that fails, or works again, never look Silent and Answered at the
 * same time, although each asks in rounds of its own.
 */
import type { Neighbours, ReachState } from '../neighbours.ts';

/** Rounds of silence after which an interface reaches nobody any more. */
export const LOST_ROUNDS = 3;

export interface Track extends Neighbours {
  readonly state: ReachState;
  /** Of the round under way; undefined: none is, because the interface has no carrier. */
  readonly asked: readonly string[] | undefined;
  /** Who answered since the round began. */
  readonly answered: ReadonlySet<string>;
  /** Who has ever answered, of those that were asked last. */
  readonly known: ReadonlySet<string>;
  /** Since the last of LOST_ROUNDS, until it is trusted again. */
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
  answered: new Set(),
  known: new Set(),
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

/** @param asked peers, watched ones and the gateway, as far as they could be asked; undefined: no carrier */
export const roundBegins = (track: Track, asked: readonly string[] | undefined): Track => ({
  ...track,
  asked,
  answered: new Set(),
  known: asked ? new Set(asked.filter((address) => track.known.has(address))) : track.known,
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
    answered: new Set(answered).add(address),
    known: new Set(track.known).add(address),
    rttMs: answered.size === 0 ? smoothed : rttMs,
  };
}

export function roundEnds(track: Track): Track {
  const { asked, answered } = track;
  if (!asked) return track;
  const alive = watchedAlive(track);
  if (answered.size > 0) {
    const owedRounds = Math.max(0, track.owedRounds - 1);
    const isWell = owedRounds === 0;
    const isLost = track.isLost && !isWell;
    const state = isWell ? 'Answered' : isNew(track) ? 'Unknown' : 'Suspect';
    return { ...track, alive, silentRounds: 0, owedRounds, isLost, state };
  }
  const targets = asked.filter((address) => !track.watched.includes(address));
  const unjudged = { ...track, alive, silentRounds: 0, owedRounds: LOST_ROUNDS, isLost: false };
  if (targets.length === 0) return { ...unjudged, state: 'Alone' };
  if (track.isLost) return { ...track, alive, owedRounds: LOST_ROUNDS, state: 'Silent' };
  const isKnown = targets.some((address) => track.known.has(address));
  if (!isKnown || isNew(track)) return { ...unjudged, state: 'Unknown' };
  const silentRounds = track.silentRounds + 1;
  const owedRounds = Math.max(track.owedRounds, silentRounds);
  const isLost = silentRounds >= LOST_ROUNDS;
  return { ...track, alive, silentRounds, owedRounds, isLost, state: isLost ? 'Silent' : 'Suspect' };
}

const isNew = ({ state }: Track): boolean => state === 'Unknown' || state === 'Alone';

/** Like the interface itself, a watched one is silent only after some rounds. */
function watchedAlive({ watched, answered, alive }: Track): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const address of watched) {
    const silent = answered.has(address) ? 0 : (alive.get(address) ?? LOST_ROUNDS) + 1;
    if (silent < LOST_ROUNDS) next.set(address, silent);
  }
  return next.size === 0 && alive.size === 0 ? alive : next;
}
