/**
 * Decisions of a master that take long are followed by a rest: in a large cluster there is something new to decide all the
 * time, and who did nothing else would answer no heartbeat and lose its mandate. What is decided after the rest is what is
 * known by then, so that nothing is lost but the time.
 */
import type { CheckState, NetworkState } from '../check-state.ts';
import type { NodeEntry } from '../node-table.ts';
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

/**
 * Whether a report on the health of a node makes a decision due: any does, but one that tells only how the node is doing
 * waits for the next decision where these are a burden. It is in the status that is written then.
 */
export const calls = (state: ControllerState, before: NodeEntry, after: NodeEntry): boolean =>
  state.restUntil === NEVER || !isSameButDetails(before, after) || loadMatters(state);

/** Nothing differs but round-trip times, load, and how long and with what words a check has passed. */
function isSameButDetails(before: NodeEntry, after: NodeEntry): boolean {
  return (
    before.healthNumber > 0 &&
    before.interfaces === after.interfaces &&
    before.fence === after.fence &&
    before.realtime === after.realtime &&
    before.reach === after.reach &&
    before.answering === after.answering &&
    before.leaving === after.leaving &&
    before.stableSince === after.stableSince &&
    isSameNetwork(before.management, after.management) &&
    isSameNetwork(before.service, after.service) &&
    before.checks.length === after.checks.length &&
    before.checks.every((check, index) => isSameCheck(check, after.checks[index]))
  );
}

const isSameNetwork = (before: NetworkState | undefined, after: NetworkState | undefined): boolean =>
  before?.reachable === after?.reachable && before?.message === after?.message;

const isSameCheck = (before: CheckState, after: CheckState | undefined): boolean =>
  before === after ||
  (before.state === 'Passing' &&
    after?.state === 'Passing' &&
    before.pool === after.pool &&
    before.name === after.name &&
    before.sinceMs <= after.sinceMs);

const loadMatters = ({ pools }: ControllerState): boolean =>
  pools?.effective.some(({ placement }) => placement.capacity !== undefined) ?? false;

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
