/** The rounds of questions on the service interfaces: who is asked when, and what the controllers are told of it. */
import type { Neighbours, Reach } from '../neighbours.ts';
import { addMs, type Monotonic } from '../time.ts';
import { reachTiming } from '../timing.ts';
import { withEntry } from '../with-entry.ts';
import type { AgentConfig, AgentEffect, AgentEvent, AgentState, AgentStep } from './agent-state.ts';
import type { HealthState } from './health-state.ts';
import { answeredBy, newTrack, roundBegins, roundEnds, type Track, withNeighbours } from './reach.ts';

export interface Reaching {
  /** By interface; those that a pool uses. */
  readonly tracks: ReadonlyMap<string, Track>;
  /** When the next round begins; Infinity while there is nothing to ask. */
  readonly askAt: Monotonic;
  /** When the round under way is judged; Infinity between rounds. */
  readonly judgeAt: Monotonic;
  readonly askedAt: Monotonic;
}

const NOT_DUE = Number.POSITIVE_INFINITY as Monotonic;

export const NO_REACHING: Reaching = { tracks: new Map(), askAt: NOT_DUE, judgeAt: NOT_DUE, askedAt: NOT_DUE };

export const reachingWakeAt = ({ reaching }: HealthState): Monotonic =>
  Math.min(reaching.askAt, reaching.judgeAt) as Monotonic;

/** What a node is told of its neighbours takes the place of what it was told before. */
export function neighboursTold(state: AgentState, neighbours: readonly Neighbours[], now: Monotonic): AgentState {
  const { reaching } = state.health;
  const tracks = new Map(
    neighbours.map((item): [string, Track] => {
      const known = reaching.tracks.get(item.interface);
      return [item.interface, known ? withNeighbours(known, item) : newTrack(item)];
    }),
  );
  const isDue = tracks.size > 0;
  const askAt = !isDue ? NOT_DUE : reaching.askAt === NOT_DUE ? now : reaching.askAt;
  return withReaching(state, { ...reaching, tracks, askAt, judgeAt: isDue ? reaching.judgeAt : NOT_DUE });
}

/** Ends the round under way and begins the next one when it is time. */
export function continueReaching(before: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  const state = now >= before.health.reaching.judgeAt ? judged(before) : before;
  const { reaching } = state.health;
  if (now < reaching.askAt) return [state, []];
  const { roundMs } = reachTiming(config.timing);
  const planned = addMs(reaching.askAt, roundMs);
  const askAt = planned > now ? planned : addMs(now, roundMs);
  const questions = [...reaching.tracks].map(([name, { peers, watched }]) => ({
    interface: name,
    addresses: [...peers, ...watched],
  }));
  const ask: AgentEffect = { kind: 'ask-neighbours', questions };
  return [withReaching(state, { ...reaching, askAt }), [ask]];
}

/** The questions of a round are out. */
export function neighboursAsked(
  state: AgentState,
  { asked }: AgentEvent & { kind: 'neighbours-asked' },
  now: Monotonic,
  { timing }: AgentConfig,
): AgentState {
  const { reaching } = state.health;
  const tracks = new Map<string, Track>();
  for (const [name, track] of reaching.tracks) {
    const found = asked.find((item) => item.interface === name);
    tracks.set(name, roundBegins(track, found?.addresses));
  }
  const judgeAt = addMs(now, reachTiming(timing).answerMs);
  return withReaching(state, { ...reaching, tracks, askedAt: now, judgeAt });
}

export function neighbourAnswered(
  state: AgentState,
  { interface: name, address }: AgentEvent & { kind: 'neighbour-answered' },
  now: Monotonic,
): AgentState {
  const { reaching } = state.health;
  const track = reaching.tracks.get(name);
  if (!track) return state;
  const next = answeredBy(track, address, now - reaching.askedAt);
  if (next === track) return state;
  return withReaching(state, { ...reaching, tracks: withEntry(reaching.tracks, name, next) });
}

function judged(state: AgentState): AgentState {
  const { reaching } = state.health;
  const tracks = new Map<string, Track>();
  for (const [name, track] of reaching.tracks) tracks.set(name, roundEnds(track));
  const next = withReaching(state, { ...reaching, tracks, judgeAt: NOT_DUE });
  return isToldAlike(state.health, next.health) ? next : { ...next, health: { ...next.health, untold: 'verdicts' } };
}

/** Whether the controllers would be told the same of both, which have the same interfaces. */
function isToldAlike(before: HealthState, after: HealthState): boolean {
  let isSameAlive = true;
  for (const [name, { state, alive }] of after.reaching.tracks) {
    const track = before.reaching.tracks.get(name);
    if (track?.state !== state) return false;
    isSameAlive &&= track.alive === alive;
  }
  return isSameAlive || answeringOf(before).join() === answeringOf(after).join();
}

export const reachOf = ({ reaching }: HealthState): readonly Reach[] =>
  [...reaching.tracks.values()].map((track) => ({ interface: track.interface, state: track.state }));

/** Nodes that the controllers have lost, by the service addresses under which they answer here. */
export const answeringOf = ({ reaching }: HealthState): readonly string[] =>
  [...reaching.tracks.values()].flatMap(({ alive }) => [...alive.keys()]);

const withReaching = (state: AgentState, reaching: Reaching): AgentState => ({
  ...state,
  health: { ...state.health, reaching },
});
