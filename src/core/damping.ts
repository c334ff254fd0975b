/**
 * Hold-off of what flaps: the nth time within the window that something goes bad, it must then be well for
 * base * 2^(n-2), at most max, before it counts as well again; the first time costs nothing (core/health-spec.ts). What
 * nobody has seen to be well since costs base * 4 the first time, and twice as much each further time: to find out whether it is well
 * costs the clients two moves.
 */
import type { Damping } from './health-spec.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';

export interface Damped {
  /** Bad, or held off. */
  readonly isBad: boolean;
  /** How often it went bad within the window. */
  readonly times: number;
  /** When it was last seen to go bad, held off or not. */
  readonly lastAt: Monotonic;
  /** Since when it has been well without a break; undefined: it is not, or nobody can tell. */
  readonly wellSince: Monotonic | undefined;
  /** That is only because nobody looks any more. */
  readonly isUnproven: boolean;
  /** Since when it has counted as well without a break. */
  readonly soundSince: Monotonic | undefined;
}

/** Of what was never seen; `soundSince` is told by whoever saw it first. */
export const UNSEEN: Damped = {
  isBad: false,
  times: 0,
  lastAt: NEVER,
  wellSince: undefined,
  isUnproven: false,
  soundSince: undefined,
};

/** So many times more often it counts as bad. */
const UNPROVEN_TIMES = 3;

function holdOffMs(times: number, { baseMs, maxMs }: Damping): number {
  return times < 2 || baseMs === 0 ? 0 : Math.min(maxMs, baseMs * 2 ** (times - 2));
}

/** Until when it is held off if it stays well; undefined where it is not: it is well, or still bad. */
export function heldOffUntil(item: Damped, damping: Damping): Monotonic | undefined {
  const { isBad, wellSince, isUnproven, times } = item;
  if (!isBad || wellSince === undefined) return undefined;
  return addMs(wellSince, holdOffMs(isUnproven ? times + UNPROVEN_TIMES : times, damping));
}

/**
 * `open`: nobody can tell now; that neither serves a hold-off nor ends anything. `unproven`: it was bad when somebody
 * looked last, and nobody does any more.
 */
export type DampedState = 'well' | 'open' | 'unproven' | 'bad';

/** @returns the same object where nothing changed */
export function damp(before: Damped, state: DampedState, damping: Damping, now: Monotonic): Damped {
  const item = forgive(released(before, damping, now), damping, now);
  switch (state) {
    case 'bad':
      if (!item.isBad) return { ...UNSEEN, isBad: true, times: item.times + 1, lastAt: now };
      // Within its hold-off it does not go bad anew, but has to be well without a break.
      return item.wellSince === undefined && !item.isUnproven
        ? item
        : { ...item, lastAt: now, wellSince: undefined, isUnproven: false };
    case 'open':
      return item.wellSince === undefined && item.soundSince === undefined
        ? item
        : { ...item, wellSince: undefined, soundSince: undefined };
    case 'well':
    case 'unproven': {
      const isUnproven = state === 'unproven' && item.isBad;
      if (item.wellSince !== undefined && item.isUnproven === isUnproven) return item;
      const well = { ...item, wellSince: now, isUnproven };
      return item.isBad ? released(well, damping, now) : { ...well, soundSince: now };
    }
  }
}

function released(item: Damped, damping: Damping, now: Monotonic): Damped {
  const until = heldOffUntil(item, damping);
  return until === undefined || now < until ? item : { ...item, isBad: false, isUnproven: false, soundSince: until };
}

/** From the end of its hold-off: that may be as long as the window. */
function forgive(item: Damped, { windowMs }: Damping, now: Monotonic): Damped {
  const { times, soundSince } = item;
  return times > 0 && soundSince !== undefined && now >= addMs(soundSince, windowMs) ? { ...item, times: 0 } : item;
}
