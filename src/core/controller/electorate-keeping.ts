/**
 * Which electorate this controller acts by (failure model: Electorate): the highest that it knows, from its memory, from etcd, or from
 * other controllers. A controller without memory learns it from etcd alone: what others tell may be older than what it
 * has forgotten. A reign lives within one version, so that whoever acts has a majority that has adopted its own.
 */
import { higherTerm } from '../term.ts';
import * as candidacy from '../candidacy.ts';
import { type Electorate, electorateName, type ElectorateName, membersText, versionOf } from '../electorate.ts';
import { jumpRefusal } from '../electorate-change.ts';
import type { RecordEffect, RecordEvent } from '../election-types.ts';
import type { ElectorateMember } from '../electorate.ts';
import type { ControllerId } from '../ids.ts';
import { addMs, type Monotonic } from '../time.ts';
import type {
  ControllerConfig,
  ControllerEffect,
  ControllerState,
  ControllerStep,
  Standing,
} from './controller-state.ts';
import { save } from './lease-table.ts';
import { byVotes, lock, resign } from './mandate.ts';
import { standingIn, whomToReach } from './standing.ts';

/** The record is read again this often: a controller that others cannot reach learns of a change as well. */
const READ_EVERY_MS = 2_000;
/** The same where etcd did not answer. */
const RETRY_MS = 500;

export const recordWakeAt = ({ record, election }: ControllerState): Monotonic =>
  (record.pending || election.phase === 'stopped' ? Number.POSITIVE_INFINITY : record.readAt) as Monotonic;

export function readRecord(state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep {
  if (now < recordWakeAt(state)) return [state, []];
  // An etcd that has lost it gets back the one by which we act.
  const wanted = state.electorate ?? { version: 1, members: config.controllers };
  return askRecord(state, { kind: 'readElectorate', wanted }, now);
}

export function askRecord(state: ControllerState, effect: RecordEffect, now: Monotonic): ControllerStep {
  const record = { pending: true, readAt: addMs(now, READ_EVERY_MS) };
  return [{ ...state, record }, [{ kind: 'election', effect }]];
}

export function recordAnswered(
  before: ControllerState,
  event: RecordEvent,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  if (event.kind === 'failed') {
    return [{ ...before, record: { pending: false, readAt: addMs(now, RETRY_MS) } }, []];
  }
  const state = { ...before, record: { ...before.record, pending: false } };
  const { recorded } = event;
  const known = state.electorate;
  if (!known || recorded.version > known.version) return adoptHigher(state, recorded, now, config);
  // Somebody without memory was faster in an empty etcd; or the answer is older than what was written since.
  if (recorded.version < known.version) {
    return askRecord(state, { kind: 'changeElectorate', from: recorded, to: known }, now);
  }
  return [state, electorateName(recorded) === electorateName(known) ? [] : [contradiction(recorded, known)]];
}

const contradiction = (recorded: Electorate, known: Electorate): ControllerEffect => ({
  kind: 'log',
  level: 'error',
  message: 'another electorate of the same version is on record than this controller acts by',
  fields: {
    version: known.version,
    recorded: membersText(recorded.members),
    own: membersText(known.members),
    instead: 'where the record was made anew on purpose, stop all controllers and remove what is in their --state-dir',
  },
});

/** Another controller tells us; who has no memory does not know what it would go back behind. */
export const toldElectorate = (
  state: ControllerState,
  electorate: Electorate,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep => (state.electorate ? adoptHigher(state, electorate, now, config) : [soon(state, now), []]);

/** The record is read at once. */
const soon = (state: ControllerState, now: Monotonic): ControllerState =>
  state.record.readAt <= now ? state : { ...state, record: { ...state.record, readAt: now } };

/** Somebody speaks by this version: the lower side adopts the higher one first. */
export function compareElectorates(
  state: ControllerState,
  from: ControllerId,
  theirs: ElectorateName,
  now: Monotonic,
): ControllerStep {
  const { electorate } = state;
  if (!electorate || versionOf(theirs) > electorate.version) return [soon(state, now), []];
  if (versionOf(theirs) === electorate.version) return [state, []];
  return [state, [{ kind: 'peer', to: from, message: { kind: 'electorate', electorate } }]];
}

/** The same with an agent, which knows no more than the number. */
export const comparedVersion = (state: ControllerState, version: number, now: Monotonic): ControllerState =>
  version > (state.electorate?.version ?? 0) ? soon(state, now) : state;

function adoptHigher(
  before: ControllerState,
  electorate: Electorate,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const known = before.electorate;
  if (known && electorate.version <= known.version) return [before, []];
  const [ended, ending] = endOffice(before, electorate, now, config);
  const standing = standingIn(electorate, config);
  const state: ControllerState = {
    ...ended,
    electorate,
    standing,
    candidacy: candidacy.withdrawn(ended.candidacy),
    election: { ...ended.election, highestTerm: higherTerm(ended.election.highestTerm, ended.ballot.highestTerm) },
    dirty: true,
  };
  const [next, withdrawing] = standing === 'member' ? [state, []] : withdraw(state, now, config);
  const reached = whomToReach(electorate, config);
  const effects: ControllerEffect[] = [
    ...ending,
    save(next, now, config),
    { kind: 'connect', controllers: reached },
    ...withdrawing,
    said(electorate, standing, config),
    ...(known ? spread(next, electorate, reached, config) : []),
  ];
  return [next, effects];
}

/** What we were by the former electorate we are no more. */
function endOffice(
  state: ControllerState,
  electorate: Electorate,
  now: Monotonic,
  config: ControllerConfig,
): ControllerStep {
  const reason = `the electorate is ${electorateName(electorate)} now`;
  if (state.reign) return resign(state, reason, undefined, now, config);
  // A lock that was and is mastership goes on.
  if (!byVotes({ electorate })) return [state, []];
  return lock(state, { kind: 'yield', reason }, now, config);
}

const withdraw = (state: ControllerState, now: Monotonic, config: ControllerConfig): ControllerStep =>
  lock(state, { kind: 'withdraw', reason: 'no member of the electorate' }, now, config);

/** Other controllers and all agents hear of it at once: nobody has to ask in vain first. */
function spread(
  state: ControllerState,
  electorate: Electorate,
  controllers: readonly ElectorateMember[],
  { self }: ControllerConfig,
): ControllerEffect[] {
  const effects: ControllerEffect[] = controllers
    .filter(({ id }) => id !== self.id)
    .map(({ id }) => ({ kind: 'peer', to: id, message: { kind: 'electorate', electorate } }));
  for (const { session } of state.nodes.values()) {
    if (session !== undefined) effects.push({ kind: 'send', session, message: { kind: 'electorate', electorate } });
  }
  return effects;
}

function said(electorate: Electorate, standing: Standing, { controllers }: ControllerConfig): ControllerEffect {
  const { version, members, joining } = electorate;
  const instead = jumpRefusal(electorate, controllers);
  return {
    kind: 'log',
    level: instead === undefined ? 'info' : 'error',
    message: 'electorate adopted',
    fields: {
      version,
      members: members.map(({ id }) => id).join(','),
      ...(joining && { joining: joining.id }),
      standing,
      ...(instead !== undefined && { instead }),
    },
  };
}
