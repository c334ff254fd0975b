/** How long clients may be without an answer, by timing profile. */
import { CHECK_FALL, CHECK_INTERVAL_MS, CHECK_RISE, CHECK_TIMEOUT_MS } from '../lib/service-checks.ts';
import {
  CUT_OFF_BOUNDS_MS,
  TAKEOVER_BOUNDS_MS,
  type Timing,
  TIMING_PROFILES,
  type TimingProfile,
} from '../../src/core/timing.ts';

export type Profile = 'default' | 'fast' | 'turbo';
export const PROFILES: readonly Profile[] = ['default', 'fast', 'turbo'];

/** What `--timing` calls them. */
export const TIMING_NAMES: Readonly<Record<Profile, TimingProfile>> = {
  default: 'Default',
  fast: 'Fast',
  turbo: 'Turbo',
};

export const timingOf = (profile: Profile): Timing => TIMING_PROFILES[TIMING_NAMES[profile]];

/** Longest outage that is promised, milliseconds. */
export type Promised = (profile: Profile) => number;

const LINK_LOSS_MS = 100;
const HANDOVER_MS = 20;
const REJOINED_MS = 50;
const REDIRECTED_MS = 50;

/** Nothing moves that somebody could notice. */
export const nothing: Promised = () => 0;
/** Another host answers once the lease of the lost one is over. */
export const takeover: Promised = (profile) => TAKEOVER_BOUNDS_MS[TIMING_NAMES[profile]];
/** Nobody answers it on the service network while others are answered. */
export const cutOff: Promised = (profile) => CUT_OFF_BOUNDS_MS[TIMING_NAMES[profile]];
/** A successor goes on within the lease; where that is too short for it, its predecessor hands over. */
export const succeeded: Promised = (profile) => (profile === 'turbo' ? HANDOVER_MS : 0);
/** What was handed over comes back. */
export const succeededBack: Promised = (profile) => (profile === 'turbo' ? REJOINED_MS : 0);
/** The kernel tells that the carrier is gone; the host lets go by itself. */
export const linkLoss: Promised = () => LINK_LOSS_MS;
/** The old holder lets go in order, then the new one binds. */
export const handover: Promised = () => HANDOVER_MS;
/** As a handover, but to a host that has only just started: nothing of its processes is compiled yet. */
export const rejoined: Promised = () => REJOINED_MS;
/** A network is whole again: until no client is on the wrong host any more. */
export const redirected: Promised = () => REDIRECTED_MS;

const EXIT_NOTICED_MS = 150;
const DECISION_MS = 100;
/** Of the pools of the matrix. */
export const FAILBACK_DELAY_MS = 1_000;
/** A host boots: its agent and its services start. */
const BOOT_MS = 4_000;

/** The kernel tells that a process has ended. */
export const exitNoticed: Promised = () => EXIT_NOTICED_MS;
/** A check has to fail so often. */
export const checkFailed: Promised = () => CHECK_INTERVAL_MS * CHECK_FALL + CHECK_TIMEOUT_MS + DECISION_MS;
/** Checks have to pass so often, then the node has to be well for the failback delay. */
export const wellAgain: Promised = () => CHECK_INTERVAL_MS * CHECK_RISE + CHECK_TIMEOUT_MS + relieved('default');
/** Nothing had to be checked: the failback delay alone. */
export const relieved: Promised = () => FAILBACK_DELAY_MS + DECISION_MS;
/** A host that has just got its power. */
export const booted: Promised = (profile) => wellAgain(profile) + BOOT_MS;

/** The bound counts from the last of several faults. */
export const later =
  (promised: Promised, delayMs: (timing: Timing) => number): Promised =>
  (profile) =>
    promised(profile) + Math.ceil(delayMs(timingOf(profile)));

/** For what takes this much longer than usual. */
export const plus =
  (promised: Promised, moreMs: number): Promised =>
  (profile) =>
    promised(profile) + moreMs;
