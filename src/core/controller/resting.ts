/**
 * Decisions of a master that take long are followed by a rest: in a large cluster there is something new to decide all the
 * time, and who did nothing else would answer no heartbeat and lose its mandate. What is decided after the rest is what is
 * known by then, so that nothing is lost but the time.
 */
import { addMs, type Monotonic, NEVER } from '../time.ts';
import type { ControllerState } from './controller-state.ts';

/** Shorter decisions are no burden. */
const LONG_MS = 2;
/** At most a third of the time is spent with decisions. */
const REST_SHARE = 2;
/** A takeover waits no longer for its decision. */
const LONGEST_MS = 40;

/** After a decision that has kept this process busy for `tookMs`. */
export const rested = (state: ControllerState, tookMs: number, now: Monotonic): ControllerState =>
  tookMs < LONG_MS ? state : { ...state, restUntil: addMs(now, Math.min(LONGEST_MS, REST_SHARE * tookMs)) };

/** Whether a decision is due. */
export const isDue = ({ dirty, reconcileAt, restUntil }: ControllerState, now: Monotonic): boolean =>
  now >= restUntil && (dirty || now >= reconcileAt);

/** When the passing of time makes a decision due. */
export function dueAt({ master, dirty, reconcileAt, restUntil }: ControllerState): Monotonic {
  if (!master) return Number.POSITIVE_INFINITY as Monotonic;
  // What is new is decided on at once, but in a rest.
  const isPutOff = dirty && restUntil !== NEVER;
  return Math.max(isPutOff ? restUntil : reconcileAt, restUntil) as Monotonic;
}
