/**
 * The etcd lock (failure model: Election). With one or two controllers it is mastership itself; with more it
 * says who stands for election first, and the master that was voted for takes it over.
 *
 *   idle --grant--> joining --enqueue--> queued --first in queue--> claiming --record written--> leading
 *     ^                                    |                                                        |
 *     +------------ lease ended, entry lost, record lost, higher term seen, store away -------------+
 *
 * Each controller puts one key under its own lease into the queue; the smallest create revision holds the lock and
 * writes the master record, whose term number is above every number seen. Validity counts from the moment a renewal
 * was *sent*, so a master whose renewals are lost stops before the store hands the lock to the next one.
 */
import type { ControllerId } from './ids.ts';
import type { ElectionEvent, ElectionEffect, ElectionOperation, LeaseId, QueueEntry } from './election-types.ts';
import { compareTerms, higherTerm, type Instance, type Term } from './term.ts';
import { addMs, type Monotonic, NEVER } from './time.ts';

export interface ElectionConfig {
  readonly self: Instance;
  /** Life of our key after the last renewal; whole seconds. Default 3000. */
  readonly ttlMs: number;
  /** We stop acting this long before the store can give the lock away. */
  readonly marginMs: number;
  /** The queue is read at least this often while waiting; a watch makes it faster. */
  readonly pollMs: number;
  /** Whether the controllers vote, so that the lock alone makes nobody master. */
  readonly byVotes: boolean;
}

export interface ElectionState {
  readonly phase: 'idle' | 'joining' | 'queued' | 'claiming' | 'leading' | 'stopped';
  readonly lease: LeaseId | undefined;
  readonly validUntil: Monotonic;
  /** Term of our own reign while leading. */
  readonly term: Term | undefined;
  /** What we asked the store to record while claiming. */
  readonly candidate: Term | undefined;
  /** Highest term seen anywhere: in the record, or reported by agents. */
  readonly highestTerm: Term | undefined;
  /** Who holds the lock as last read; undefined while the store does not answer. */
  readonly holder: ControllerId | undefined;
  /** Term of the master that was voted for, if that is us: it wants the lock. */
  readonly reign: Term | undefined;
  readonly pending: ReadonlySet<ElectionOperation>;
  readonly renewAt: Monotonic;
  readonly pollAt: Monotonic;
}

export type ElectionStep = readonly [ElectionState, readonly ElectionEffect[]];

export const initialElection: ElectionState = {
  phase: 'idle',
  lease: undefined,
  validUntil: NEVER,
  term: undefined,
  candidate: undefined,
  highestTerm: undefined,
  holder: undefined,
  reign: undefined,
  pending: new Set(),
  renewAt: NEVER,
  pollAt: NEVER,
};

/** Whether commands may be sent at this instant: asked right before each effect. */
export const mayAct = (state: ElectionState, now: Monotonic): boolean =>
  state.phase === 'leading' && now < state.validUntil;

/** When `tick` is due next. */
export function electionWakeAt(state: ElectionState): Monotonic {
  switch (state.phase) {
    case 'stopped':
      return Number.POSITIVE_INFINITY as Monotonic;
    case 'idle':
      return state.pollAt;
    case 'joining':
    case 'queued':
    case 'claiming':
    case 'leading':
      return Math.min(state.validUntil, state.renewAt, state.pollAt) as Monotonic;
  }
}

export function stepElection(
  state: ElectionState,
  event: ElectionEvent,
  now: Monotonic,
  config: ElectionConfig,
): ElectionStep {
  if (state.phase === 'stopped') return [state, []];
  if (state.lease !== undefined && now >= state.validUntil && event.kind !== 'stop') {
    const [ended, effects] = leave(state, now, config, 'lease validity ended');
    const [next, more] = stepElection(ended, event, now, config);
    return [next, [...effects, ...more]];
  }
  switch (event.kind) {
    case 'tick':
      return tick(state, now, config);
    case 'store-changed':
      return tick({ ...state, pollAt: state.phase === 'idle' ? state.pollAt : now }, now, config);
    case 'term-seen':
      return termSeen(state, event.term, now, config);
    case 'stop':
      return stop(state);
    case 'withdraw':
      return state.lease === undefined ? [state, []] : leave(state, now, config, event.reason);
    case 'yield':
      return yielded(state, now, event.reason);
    case 'failed':
      return failed(state, event.operation, now, config);
    case 'granted':
      return granted(done(state, 'grant'), event.lease, event.sentAt, now, config);
    case 'renewed':
      return renewed(done(state, 'renew'), event.alive, event.lease, event.sentAt, now, config);
    case 'enqueued':
      return enqueued(done(state, 'enqueue'), event.accepted, now, config);
    case 'viewed':
      return viewed(done(state, 'read'), event.queue, event.master, now, config);
    case 'claimed':
      return claimed(done(state, 'claim'), event.won, event.term, now, config);
    case 'taken-over':
      return [{ ...done(state, 'takeOver'), pollAt: event.won ? state.pollAt : now }, []];
    case 'reign':
      return [{ ...state, reign: event.term, pollAt: state.lease === undefined ? state.pollAt : now }, []];
  }
}

const done = (state: ElectionState, operation: ElectionOperation): ElectionState => ({
  ...state,
  pending: new Set([...state.pending].filter((other) => other !== operation)),
});

/** Starts an operation unless the same one is under way. */
function start(state: ElectionState, effect: ElectionEffect & { kind: ElectionOperation }): ElectionStep {
  if (state.pending.has(effect.kind)) return [state, []];
  return [{ ...state, pending: new Set([...state.pending, effect.kind]) }, [effect]];
}

function tick(state: ElectionState, now: Monotonic, config: ElectionConfig): ElectionStep {
  if (state.lease === undefined) {
    return now < state.pollAt
      ? [state, []]
      : start(postpone(state, now, config), { kind: 'grant', ttlMs: config.ttlMs });
  }
  let next = state;
  const effects: ElectionEffect[] = [];
  const add = ([after, more]: ElectionStep): void => {
    next = after;
    effects.push(...more);
  };
  if (now >= next.renewAt) {
    add(start({ ...next, renewAt: addMs(now, config.ttlMs / 4) }, { kind: 'renew', lease: state.lease }));
  }
  if (now >= next.pollAt) {
    const operation =
      next.phase === 'joining'
        ? { kind: 'enqueue' as const, lease: state.lease, id: config.self.id }
        : { kind: 'read' as const };
    add(start(postpone(next, now, config), operation));
  }
  return [next, effects];
}

const postpone = (state: ElectionState, now: Monotonic, config: ElectionConfig): ElectionState => ({
  ...state,
  pollAt: addMs(now, config.pollMs),
});

function granted(
  state: ElectionState,
  lease: LeaseId,
  sentAt: Monotonic,
  now: Monotonic,
  config: ElectionConfig,
): ElectionStep {
  if (state.phase !== 'idle') return [state, [{ kind: 'revoke', lease }]];
  const validUntil = addMs(sentAt, config.ttlMs - config.marginMs);
  const joining: ElectionState = {
    ...state,
    phase: 'joining',
    lease,
    validUntil,
    renewAt: addMs(sentAt, config.ttlMs / 4),
  };
  return tick({ ...joining, pollAt: now }, now, config);
}

function renewed(
  state: ElectionState,
  alive: boolean,
  lease: LeaseId,
  sentAt: Monotonic,
  now: Monotonic,
  config: ElectionConfig,
): ElectionStep {
  if (lease !== state.lease) return [state, []];
  if (!alive) return leave(state, now, config, 'lease is gone in the store');
  return [{ ...state, validUntil: addMs(sentAt, config.ttlMs - config.marginMs) }, []];
}

function enqueued(state: ElectionState, accepted: boolean, now: Monotonic, config: ElectionConfig): ElectionStep {
  // Refused: the key of an earlier run of this id lives until its own lease ends. Asked again at the next poll.
  if (state.phase !== 'joining' || !accepted) return [state, []];
  return tick({ ...state, phase: 'queued', pollAt: now }, now, config);
}

function viewed(
  state: ElectionState,
  queue: readonly QueueEntry[],
  record: Term | undefined,
  now: Monotonic,
  config: ElectionConfig,
): ElectionStep {
  const seen = { ...state, holder: queue[0]?.id, highestTerm: higherTerm(state.highestTerm, record) };
  if (state.phase === 'idle' || state.phase === 'joining' || state.phase === 'stopped') return [seen, []];
  const own = queue.find((entry) => entry.id === config.self.id);
  if (!own) return leave(seen, now, config, 'our entry is gone from the queue');
  const first = queue[0] === own;
  if (config.byVotes) return votedFor({ ...seen, phase: 'queued' }, queue, own, record);
  if (state.phase === 'leading') {
    const ours = state.term && record && compareTerms(record, state.term) === 0;
    return first && ours ? [seen, []] : leave(seen, now, config, 'another controller holds the lock');
  }
  if (!first) return [{ ...seen, phase: 'queued' }, []];
  const term: Term = { number: (seen.highestTerm?.number ?? 0) + 1, instance: config.self };
  return start({ ...seen, phase: 'claiming', candidate: term }, { kind: 'claim', entry: own, term, previous: record });
}

/** The lock follows the vote: a master that was voted for removes who is ahead of it and puts itself on record. */
function votedFor(
  state: ElectionState,
  queue: readonly QueueEntry[],
  entry: QueueEntry,
  record: Term | undefined,
): ElectionStep {
  const { reign: term } = state;
  if (!term || (queue[0] === entry && record && compareTerms(record, term) === 0)) return [state, []];
  // A higher one was voted for since.
  if (record && compareTerms(record, term) > 0) return [state, []];
  const ahead = queue.slice(0, queue.indexOf(entry));
  return start(state, { kind: 'takeOver', entry, ahead, term, previous: record });
}

function claimed(state: ElectionState, won: boolean, term: Term, now: Monotonic, config: ElectionConfig): ElectionStep {
  // An answer to a claim of an earlier entry of ours says nothing about this one.
  if (state.phase !== 'claiming' || !state.candidate || compareTerms(term, state.candidate) !== 0) return [state, []];
  if (!won) return tick({ ...state, phase: 'queued', pollAt: now }, now, config);
  if (state.highestTerm && compareTerms(term, state.highestTerm) < 0) {
    return leave(state, now, config, 'a higher term appeared');
  }
  return [{ ...state, phase: 'leading', term, highestTerm: term }, [{ kind: 'elected', term }]];
}

function termSeen(state: ElectionState, term: Term, now: Monotonic, config: ElectionConfig): ElectionStep {
  const next = { ...state, highestTerm: higherTerm(state.highestTerm, term) };
  const deposed = state.phase === 'leading' && state.term && compareTerms(term, state.term) > 0;
  return deposed ? leave(next, now, config, 'a higher term appeared') : [next, []];
}

function failed(
  state: ElectionState,
  operation: ElectionOperation,
  now: Monotonic,
  config: ElectionConfig,
): ElectionStep {
  const next = { ...done(state, operation), holder: undefined };
  // A lost renewal is tried again soon: the rest of the validity is all the time there is.
  if (operation === 'renew') return [{ ...next, renewAt: addMs(now, config.ttlMs / 16) }, []];
  return [{ ...next, phase: next.phase === 'claiming' ? 'queued' : next.phase }, []];
}

/** Gives up whatever we have and starts over. */
function leave(state: ElectionState, now: Monotonic, config: ElectionConfig, reason: string): ElectionStep {
  const effects: ElectionEffect[] = [];
  if (state.term) effects.push({ kind: 'deposed', term: state.term, reason });
  if (state.lease !== undefined) effects.push({ kind: 'revoke', lease: state.lease });
  const { highestTerm, holder, reign } = state;
  const idle = { ...initialElection, highestTerm, holder, reign };
  return [{ ...idle, pollAt: addMs(now, config.pollMs) }, effects];
}

/** From now on the lock alone makes nobody master. It is kept: it follows the votes. */
function yielded(state: ElectionState, now: Monotonic, reason: string): ElectionStep {
  if (state.phase !== 'leading' && state.phase !== 'claiming') return [state, []];
  const effects: ElectionEffect[] = state.term ? [{ kind: 'deposed', term: state.term, reason }] : [];
  return [{ ...state, phase: 'queued', term: undefined, candidate: undefined, pollAt: now }, effects];
}

function stop(state: ElectionState): ElectionStep {
  const effects: ElectionEffect[] = [];
  if (state.term) effects.push({ kind: 'deposed', term: state.term, reason: 'stopping' });
  if (state.lease !== undefined) effects.push({ kind: 'revoke', lease: state.lease });
  return [{ ...initialElection, phase: 'stopped', highestTerm: state.highestTerm }, effects];
}
