/**
 * The agent on one host: keeps its node lease, carries out assignments, and lets everything go when the lease ends.
 *
 *   waiting --majority of acks--> leased --assignment--> leased, holding
 *      ^                            |                        |
 *      +---- lease ended: release everything, epoch + 1 -----+
 */
import { addMs, type Monotonic, NEVER } from '../time.ts';
import { higherTerm } from '../term.ts';
import type { BoundAddress } from './agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  type AgentStep,
  hasLease,
  leaseEnd,
} from './agent-state.ts';
import { dueAnnouncements, nextAnnouncementAt } from './announcements.ts';
import { addressOf } from './bindings.ts';
import { checkRan, configured } from './checking.ts';
import { forgetForeign, toldElectorate } from './electorate-following.ts';
import { healthWakeAt, settleHealth } from './health-news.ts';
import { askPeers, askPeersAt, confirmAnswered } from './hold-asking.ts';
import { endRights, keptIsClaimed, lapse, revokedBy } from './hold-lapse.ts';
import { firstRightEnd, isLapsed } from './hold-rights.ts';
import {
  addressRemoved,
  assigned,
  interfacesChanged,
  leftOver,
  observed,
  resynced,
  tidy,
  wantedAddresses,
} from './holding.ts';
import { acknowledged, endLease, fenced, memoryOf, nextEpoch } from './lease-keeping.ts';
import { farewell, leave, stop } from './leaving.ts';
import { loadSampled } from './load-track.ts';
import { contacted } from './network-view.ts';
import { claimed, continueProbes, probesWakeAt } from './probing.ts';
import { ask, asked } from './rejoining.ts';
import { neighbourAnswered, neighboursAsked } from './reaching.ts';
import { repaired } from './repairing.ts';
import { greet, healthChanged, heartbeat, report, toNewMaster } from './reports.ts';
import { roundOf, withRound } from './rounds.ts';
import { begin } from './starting.ts';
import { barRequested, confirmRequested } from './witnessing.ts';

/** Rounds are remembered for so many leases; one that is older than a lease can extend nothing any more. */
const ROUNDS_KEPT_LEASES = 2;

export function agentWakeAt(state: AgentState, config: AgentConfig): Monotonic {
  if (state.phase !== 'running') return Number.POSITIVE_INFINITY as Monotonic;
  const end = leaseEnd(state) === NEVER ? Number.POSITIVE_INFINITY : leaseEnd(state);
  const announceAt = nextAnnouncementAt(state.announcements);
  const askAt = state.rejoining?.askAt ?? Number.POSITIVE_INFINITY;
  const holdAt = Math.min(askPeersAt(state, config), firstRightEnd(state, config));
  const leaveAt = state.leaveBy ?? Number.POSITIVE_INFINITY;
  const dueAt = Math.min(state.heartbeatAt, state.refreshAt, healthWakeAt(state), leaveAt);
  return Math.min(dueAt, end, announceAt, askAt, probesWakeAt(state), holdAt) as Monotonic;
}

/** Every event first meets the clock: an agent that slept past its lease ends it before it looks at anything else. */
export function stepAgent(before: AgentState, event: AgentEvent, now: Monotonic, config: AgentConfig): AgentStep {
  if (before.phase === 'leaving' && event.kind === 'observed') return farewell(before, event.marked, config);
  if (before.phase !== 'running') return [before, []];
  const [advanced, done] = advance(before, event, now, config);
  const [after, last] = leave(advanced, now);
  const [settled, news] = settleHealth(before, after, now, config);
  const told = toNewMaster(before, settled, now);
  const isMore = last.length + news.length + told.length > 0;
  return [settled, isMore ? [...done, ...last, ...news, ...told] : done];
}

function advance(before: AgentState, event: AgentEvent, now: Monotonic, config: AgentConfig): AgentStep {
  const [ended, effects] = endOverdue(before, event, now, config);
  if (ended !== before) {
    // What was observed before the release is no news after it: the release is answered by an observation of its own.
    if (event.kind === 'observed') return [ended, effects];
    // Who claims what we have just let go of, or asks for it, is right to do so: we must not defend it, nor report it again.
    if (event.kind === 'claimed' || event.kind === 'asked') return [ended, effects];
    const [after, more] = handle(ended, event, now, config);
    return [after, [...effects, ...more]];
  }
  return handle(before, event, now, config);
}

/** What the passing of time or the kernel has ended. */
function endOverdue(state: AgentState, event: AgentEvent, now: Monotonic, config: AgentConfig): AgentStep {
  const held = leaseEnd(state) !== NEVER;
  const lost = event.kind === 'fence-lost';
  if (lost && (held || isLapsed(state))) return endLease(state, now, config);
  if (event.kind === 'claimed' && keptIsClaimed(state, event.vip)) return endLease(state, now, config);
  if (held && !hasLease(state, now)) return lapse(state, now, config);
  return endRights(state, now, config);
}

function handle(state: AgentState, event: AgentEvent, now: Monotonic, config: AgentConfig): AgentStep {
  switch (event.kind) {
    case 'start':
      return begin(event, now, config);
    case 'tick':
      return tick(state, now, config);
    case 'connected': {
      const next = { ...state, connected: new Set([...state.connected, event.controller]) };
      return [next, greet(next, event.controller, now, config)];
    }
    case 'disconnected':
      return [{ ...state, connected: new Set([...state.connected].filter((id) => id !== event.controller)) }, []];
    case 'ack':
      return acknowledged(
        contacted(state, event, now),
        event.controller,
        event.sequence,
        event.term,
        event.electorate,
        now,
        config,
      );
    case 'electorate':
      return toldElectorate(state, event.electorate, now, config);
    case 'nack':
      return refused(contacted(state, event, now), event, now, config);
    case 'fenced':
      return fenced(state, event.fenceClass, event.until, now, config);
    case 'fence-lost':
      return [state, []];
    case 'bar':
      return barRequested(state, event.controller, event.request, now, config);
    case 'witness':
      return event.message.kind === 'confirm-request'
        ? confirmRequested(state, event.from, event.message, now, config)
        : confirmAnswered(state, event.from, event.message, now, config);
    case 'realtime':
      return [healthChanged({ ...state, realtime: event.realtime }), []];
    case 'load':
      return [loadSampled(state, event.load), []];
    case 'claimed':
      return claimed(state, event.vip, event.mac, now, config);
    case 'asked':
      return asked(state, event, now, config);
    case 'assignment':
      return assigned(state, event.assignment, now, config);
    case 'config':
      return configured(state, event.config, now);
    case 'neighbours-asked':
      return [neighboursAsked(state, event, now, config), []];
    case 'neighbour-answered':
      return [neighbourAnswered(state, event, now), []];
    case 'check-run':
      return checkRan(state, event.run, now);
    case 'repaired':
      return repaired(state, event, now);
    case 'interfaces':
      return interfacesChanged(state, event.interfaces);
    case 'address-removed':
      return addressRemoved(state, event.address);
    case 'resync':
      return resynced(state, event.marked);
    case 'observed':
      return observed(state, event.marked, event.errors, now, config);
    case 'stop':
      return stop(state, event.mode, now, config);
  }
}

/** One refusal never ends a lease. But an epoch that was never one, and that a controller does not want any more, makes way. */
function refused(
  before: AgentState,
  event: AgentEvent & { kind: 'nack' },
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const told = { ...before, highestTerm: higherTerm(before.highestTerm, event.term) };
  const round = roundOf(before.rounds, event.sequence);
  // What was sent before the present electorate was adopted was refused for the one before.
  const isForeign = event.reason === 'OtherElectorate';
  if (isForeign && (round?.sentAt ?? NEVER) < before.adoptedAt) return [told, []];
  const [state, said] = noteRefusal(told, event);
  if (isForeign) return [forgetForeign(state), said];
  if (event.reason !== 'Revoked' || round?.epoch !== state.lease.epoch) return [state, said];
  if (isLapsed(state)) return [revokedBy(state, event.controller, round.sentAt, now, config), said];
  if (leaseEnd(state) !== NEVER || state.bound.size > 0) return [state, said];
  const [next, reported] = report(nextEpoch(state));
  return [next, [...said, { kind: 'save', memory: memoryOf(next, config) }, ...reported]];
}

/** A refusal is said when it begins, not with every heartbeat. */
function noteRefusal(state: AgentState, { controller, reason }: AgentEvent & { kind: 'nack' }): AgentStep {
  if (state.refusals.get(controller) === reason) return [state, []];
  const said: AgentEffect = {
    kind: 'log',
    level: 'info',
    message: 'a controller does not acknowledge this agent',
    fields: { controller, reason },
  };
  return [{ ...state, refusals: new Map(state.refusals).set(controller, reason) }, [said]];
}

function tick(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  let next = state;
  const effects: AgentEffect[] = [];
  if (now >= next.heartbeatAt) {
    const sequence = next.sequence + 1;
    const round = { sequence, sentAt: now, epoch: next.lease.epoch };
    const rounds = withRound(next.rounds, round, addMs(now, -ROUNDS_KEPT_LEASES * config.timing.leaseMs));
    // The next one is due from the plan, not from now: lateness must not add up. After a long sleep the plan starts anew.
    const planned = addMs(next.heartbeatAt, config.timing.heartbeatMs);
    next = { ...next, sequence, rounds, heartbeatAt: planned > now ? planned : addMs(now, config.timing.heartbeatMs) };
    effects.push(...heartbeat(next, now));
    // What could not be removed when it had to go is tried again for as long as it is there.
    const remove = leftOver(next);
    if (remove.length > 0) effects.push({ kind: 'change', remove, put: [] });
    const [tidied, unmanaged] = tidy(next, now);
    next = tidied;
    effects.push(...unmanaged);
  }
  if (now >= next.refreshAt) {
    const [refreshed, put] = refresh(next, now, config);
    next = refreshed;
    if (put.length > 0 && (hasLease(next, now) || isLapsed(next))) effects.push({ kind: 'change', remove: [], put });
  }
  if (now >= probesWakeAt(next)) {
    const [probed, bind] = continueProbes(next, now, config);
    next = probed;
    effects.push(...bind);
  }
  const [asking, questions] = ask(next, now);
  next = asking;
  effects.push(...questions);
  const [confirming, requests] = askPeers(next, now, config);
  next = confirming;
  effects.push(...requests);
  if (now >= nextAnnouncementAt(next.announcements)) {
    const { due, rest } = dueAnnouncements(next.announcements, now);
    next = { ...next, announcements: rest };
    const addresses = due.flatMap((vip) => next.bound.get(vip) ?? []).map(addressOf);
    if (addresses.length > 0) effects.push({ kind: 'announce', addresses });
  }
  return [next, effects];
}

/** A thousand IPv6 addresses at once would block the process for longer than a heartbeat. */
const REFRESH_BATCH = 100;

/** The next addresses whose lifetime is due; all of them have their turn in each third of the lifetime. */
function refresh(state: AgentState, now: Monotonic, config: AgentConfig): readonly [AgentState, BoundAddress[]] {
  const all = wantedAddresses(state);
  const from = state.refreshFrom < all.length ? state.refreshFrom : 0;
  const batches = Math.max(1, Math.ceil(all.length / REFRESH_BATCH));
  const refreshAt = addMs(now, config.addressLifetimeMs / 3 / batches);
  const batch = all.slice(from, from + REFRESH_BATCH);
  return [{ ...state, refreshAt, refreshFrom: from + REFRESH_BATCH }, batch];
}
