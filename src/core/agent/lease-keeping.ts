/** Node lease: obtaining it, extending it, and what its end means. */
import { type ControllerId, epoch } from '../ids.ts';
import { higherTerm, type Term } from '../term.ts';
import { type Monotonic, NEVER } from '../time.ts';
import { withEntry } from '../with-entry.ts';
import type { AgentMemory, BoundAddress } from './agent-memory.ts';
import { type AgentConfig, type AgentState, type AgentStep, hasLease, NO_EFFECTS } from './agent-state.ts';
import { addressOf } from './bindings.ts';
import { ofMembers, quorum, restsOn } from './counting.ts';
import { declaredBy, extendClasses, NODE_LEASE } from './hold-rights.ts';
import { NO_HOLD } from './hold-state.ts';
import { leaseUntil } from './lease.ts';
import { startAsking } from './rejoining.ts';
import { heartbeat, report } from './reports.ts';
import { roundOf } from './rounds.ts';
import { leapVersions } from './version-leap.ts';

export const memoryOf = (state: AgentState, config: AgentConfig): AgentMemory => ({
  bootId: config.bootId,
  ...(state.electorate && { electorate: state.electorate }),
  lease: state.lease,
  highestTerm: state.highestTerm,
  assignment: state.assignment,
  leaseSince: state.leaseSince,
  leaseValidUntil: state.leaseUntil,
  ...(state.witness.bars.size === 0 ? {} : { bars: [...state.witness.bars.values()] }),
});

/** A controller that acknowledges refuses nothing any more. */
const welcomed = (state: AgentState, controller: ControllerId): AgentState =>
  state.refusals.has(controller)
    ? { ...state, refusals: new Map([...state.refusals].filter(([id]) => id !== controller)) }
    : state;

const knowing = (state: AgentState, term: Term | undefined): AgentState => {
  const highestTerm = higherTerm(state.highestTerm, term);
  return highestTerm === state.highestTerm ? state : { ...state, highestTerm };
};

export function acknowledged(
  state: AgentState,
  controller: ControllerId,
  sequence: number,
  term: Term | undefined,
  version: number,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const adopted = knowing(welcomed(state, controller), term);
  const round = roundOf(state.rounds, sequence);
  const known = state.ackedAt.get(controller) ?? NEVER;
  const counts = version === state.electorate?.version;
  if (!counts || !round || round.epoch !== state.lease.epoch || round.sentAt <= known) return [adopted, NO_EFFECTS];
  const ackedAt = withEntry(adopted.ackedAt, controller, round.sentAt);
  const computed = leaseUntil(ofMembers(state, ackedAt), quorum(state), config.timing.leaseMs);
  // An adopted lease goes on until its persisted end while acks come in again.
  const until = Math.max(computed, adopted.leaseUntil) as Monotonic;
  if (until === NEVER || until <= now || until === adopted.leaseUntil) return [{ ...adopted, ackedAt }, NO_EFFECTS];
  const mode = hasLease(adopted, now) ? 'refresh' : 'acquire';
  const hold = declaredBy(adopted, computed, config);
  const leased = { ...adopted, ackedAt, leaseUntil: until, hold, restsOn: restsOn(adopted, computed, config) };
  return [leased, [{ kind: 'fence', mode, fenceClass: NODE_LEASE, until }, ...extendClasses(leased, config)]];
}

/** The kernel obeys until then. What it does not let us answer for we do not count as ours. */
export function fenced(
  state: AgentState,
  fenceClass: number,
  until: Monotonic,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  if (fenceClass !== NODE_LEASE) {
    const known = state.hold.fenced.get(fenceClass) ?? NEVER;
    const all = new Map(state.hold.fenced).set(fenceClass, Math.max(known, until) as Monotonic);
    return [{ ...state, hold: { ...state.hold, fenced: all } }, []];
  }
  const next = { ...state, fenceUntil: Math.max(state.fenceUntil, until) as Monotonic };
  if (!hasLease(next, now)) return [next, []];
  if (state.leaseSince !== undefined) return [next, [{ kind: 'save-lease', validUntil: next.leaseUntil }]];
  const [leased, told] = report({ ...leapVersions(next), leaseSince: now });
  return [
    leased,
    [
      { kind: 'save', memory: memoryOf(leased, config) },
      { kind: 'log', level: 'info', message: 'node lease obtained', fields: { ...leased.lease } },
      ...told,
      ...heartbeat(leased, now),
    ],
  ];
}

/** What is on the interfaces by our doing, as far as we know, and what was on its way there when we were held up. */
export function ours({ bound, assignment }: AgentState): BoundAddress[] {
  const underway = (assignment?.vips ?? []).filter(({ vip }) => !bound.has(vip));
  return [...bound.values(), ...underway].map(addressOf);
}

/** Nothing is held any more, and everybody may know. */
export const nextEpoch = (state: AgentState): AgentState => ({
  ...state,
  lease: { ...state.lease, epoch: epoch(state.lease.epoch + 1) },
  leaseUntil: NEVER,
  fenceUntil: NEVER,
  leaseSince: undefined,
  restsOn: state.electorate?.version ?? 0,
  ackedAt: new Map(),
  assignment: undefined,
  hold: NO_HOLD,
  refused: [],
  probing: new Map(),
  rivals: new Map(),
  announcements: [],
});

export function endLease(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  const rejoining = startAsking([...state.bound.values()], now) ?? state.rejoining;
  const next = { ...nextEpoch(state), rejoining };
  return [
    next,
    [
      { kind: 'fence-close' },
      { kind: 'change', remove: ours(state), put: [] },
      { kind: 'save', memory: memoryOf(next, config) },
      {
        kind: 'log',
        level: 'warn',
        message: 'node lease ended: everything released',
        fields: { ...state.lease, released: state.bound.size },
      },
    ],
  ];
}
