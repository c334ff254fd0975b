/**
 * Whether the service network carries anything on an interface, judged round by round from who answers:
 *
 *   Alone, Unknown --somebody answers--> Answered --a round of silence--> Suspect --LOST_ROUNDS in all--> Silent
 *                                          ^  ^                              |                              |
 *                                          |  +------- somebody answers -----+                              |
 *                                          +---------------- answers in FOUND_ROUNDS rounds in a row -------+
 *
 * The silence of those who have never answered says nothing: they may be forbidden to.
 */
import type { Neighbours, ReachState } from '../neighbours.ts';

/** Rounds of silence after which an interface reaches nobody any more. */
export const LOST_ROUNDS = 3;
/** Rounds with answers after which it is trusted again. */
export const FOUND_ROUNDS = 3;

export interface Track extends Neighbours {
  readonly state: ReachState;
  /** Of the round under way; undefined: none is, because the interface has no carrier. */
  readonly asked: readonly string[] | undefined;
  /** Who answered since the round began. */
  readonly answered: ReadonlySet<string>;
  /** Who has ever answered, of those that were asked last. */
  readonly known: ReadonlySet<string>;
  readonly silentRounds: number;
  readonly foundRounds: number;
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
  silentRounds: 0,
  foundRounds: 0,
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
  const { asked, answered, state } = track;
  if (!asked) return track;
  const alive = watchedAlive(track);
  const targets = asked.filter((address) => !track.watched.includes(address));
  if (answered.size > 0) {
    const foundRounds = track.foundRounds + 1;
    const isLost = state === 'Silent' && foundRounds < FOUND_ROUNDS;
    return { ...track, alive, foundRounds, silentRounds: 0, state: isLost ? 'Silent' : 'Answered' };
  }
  const quiet = { ...track, alive, foundRounds: 0 };
  if (targets.length === 0) return { ...quiet, silentRounds: 0, state: 'Alone' };
  if (state === 'Silent') return quiet;
  if (!targets.some((address) => track.known.has(address))) {
    return { ...quiet, silentRounds: 0, state: 'Unknown' };
  }
  const silentRounds = track.silentRounds + 1;
  return { ...quiet, silentRounds, state: silentRounds >= LOST_ROUNDS ? 'Silent' : 'Suspect' };
}

/** Like the interface itself, a watched one is silent only after some rounds. */
function watchedAlive({ watched, answered, alive }: Track): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const address of watched) {
    const silent = answered.has(address) ? 0 : (alive.get(address) ?? LOST_ROUNDS) + 1;
    if (silent < LOST_ROUNDS) next.set(address, silent);
  }
  return next.size === 0 && alive.size === 0 ? alive : next;
}
