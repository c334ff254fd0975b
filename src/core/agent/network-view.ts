/** How the two networks look from this host. */
import { type NetworkState, UNMEASURED } from '../check-state.ts';
import type { Electorate } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import type { InterfaceState } from '../messages.ts';
import { nthLargest } from '../reached-by.ts';
import type { Monotonic } from '../time.ts';
import { withEntry } from '../with-entry.ts';
import type { AgentConfig, AgentState } from './agent-state.ts';
import type { CheckTrack } from './check-track.ts';
import { quorum } from './counting.ts';
import type { HealthState } from './health-state.ts';
import type { Track } from './reach.ts';
import { roundOf } from './rounds.ts';

/** Share of a new measurement in the smoothed one. */
const RTT_SHARE = 1 / 8;
/** Round trips that differ by less are the same. */
const RTT_NOTABLE_MS = 0.5;
/** Neither do they differ when one is at most so many times the other. */
const RTT_NOTABLE_FACTOR = 1.5;

/** A beat that was repeated left later than its round began, and tells nothing of a round trip. */
export const isFirstAnswer = ({ health }: AgentState, controller: ControllerId, sequence: number): boolean =>
  sequence > (health.contacts.get(controller)?.sequence ?? Number.NEGATIVE_INFINITY);

/** A controller has answered a heartbeat, by whatever it said. */
export function contacted(
  state: AgentState,
  { controller, sequence }: { readonly controller: ControllerId; readonly sequence: number },
  now: Monotonic,
): AgentState {
  const round = roundOf(state.rounds, sequence);
  if (!round) return state;
  const known = state.health.contacts.get(controller);
  const rtt = now - round.sentAt;
  const smoothed = known === undefined ? rtt : known.rttMs + RTT_SHARE * (rtt - known.rttMs);
  const contact =
    known && !isFirstAnswer(state, controller, sequence)
      ? { ...known, at: now }
      : { at: now, rttMs: smoothed, sequence };
  return { ...state, health: { ...state.health, contacts: withEntry(state.health.contacts, controller, contact) } };
}

/** Reachable: a majority of the controllers has answered within a lease. The round trip is that to the majority. */
export function managementView(
  { contacts, startedAt }: HealthState,
  electorate: Electorate | undefined,
  now: Monotonic,
  { controllers, timing }: AgentConfig,
): NetworkState {
  const rtts: number[] = [];
  const silent: ControllerId[] = [];
  const members = electorate?.members ?? controllers;
  for (const { id } of members) {
    const contact = contacts.get(id);
    if (contact !== undefined && now - contact.at <= timing.leaseMs) rtts.push(contact.rttMs);
    else silent.push(id);
  }
  const needed = quorum({ electorate });
  const reachable = rtts.length >= needed;
  if (!reachable && now - startedAt <= timing.leaseMs) return UNMEASURED;
  const some = `${rtts.length} of ${members.length} controllers answer`;
  return {
    reachable,
    rttMs: reachable ? nthLargest(rtts, rtts.length - needed + 1) : undefined,
    message: silent.length === 0 ? some : `${some}; silent: ${silent.join(', ')}`,
  };
}

/**
 * Reachable: an interface has a carrier; somebody answers on every one where somebody has ever answered; and where
 * checks of a gateway say something, one of them is well.
 */
export function serviceView(
  interfaces: readonly InterfaceState[],
  checks: Iterable<CheckTrack>,
  tracks: readonly Track[] = [],
): NetworkState {
  if (!interfaces.some(({ carrier }) => carrier)) {
    const names = interfaces.map(({ name }) => name);
    const message = names.length === 0 ? 'no service interface is there' : `no carrier on ${names.join(', ')}`;
    return { reachable: false, rttMs: undefined, message };
  }
  const silent = tracks.find(({ state }) => state === 'Silent');
  if (silent) return { reachable: false, rttMs: undefined, message: silenceOn(silent) };
  let failing: CheckTrack | undefined;
  for (const track of checks) {
    const { check, verdict, durationMs } = track;
    if (check.probe.type !== 'gateway') continue;
    if (verdict === 'Passing') {
      return { reachable: true, rttMs: durationMs, message: `check ${check.name} reaches the gateway` };
    }
    if (verdict === 'Failing') failing ??= track;
  }
  if (failing) return { reachable: false, rttMs: undefined, message: failing.output };
  const heard = tracks.filter(({ state }) => state === 'Answered' || state === 'Suspect');
  if (heard.length > 0) {
    let slowestMs: number | undefined;
    for (const { rttMs } of heard) if (rttMs !== undefined) slowestMs = Math.max(slowestMs ?? rttMs, rttMs);
    const message = `neighbours answer on ${heard.map((track) => track.interface).join(', ')}`;
    return { reachable: true, rttMs: slowestMs, message };
  }
  const up = interfaces.filter(({ carrier }) => carrier).map(({ name }) => name);
  const rest = tracks.length === 0 ? 'no gateway is checked' : 'no neighbour has ever answered';
  return { reachable: true, rttMs: undefined, message: `carrier on ${up.join(', ')}; ${rest}` };
}

function silenceOn({ interface: name, asked, known }: Track): string {
  const who = (asked ?? []).filter((address) => known.has(address));
  const before = who.length === 0 ? 'where others answered before' : `${who.join(', ')} did before`;
  return `nobody answers on ${name} any more (${before}): look at its cable, switch port and VLAN`;
}

/** The former view where the new one is no news. */
export function noteworthy(before: NetworkState, after: NetworkState): NetworkState {
  const same = before.reachable === after.reachable && before.message === after.message;
  return same && isAlike(before.rttMs, after.rttMs) ? before : after;
}

function isAlike(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [low, high] = a < b ? [a, b] : [b, a];
  return high - low < RTT_NOTABLE_MS || high <= low * RTT_NOTABLE_FACTOR;
}
