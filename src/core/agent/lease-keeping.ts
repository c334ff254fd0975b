/** Node lease: obtaining it, extending it, and what its end means. */
import { type ControllerId, epoch } from '../ids.ts';
import { higherTerm, type Term } from '../term.ts';
import { type Monotonic, NEVER } from '../time.ts';
import type { AgentMemory } from './agent-memory.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';
import { addressOf } from './bindings.ts';
import { leaseUntil } from './lease.ts';
import { heartbeat } from './reports.ts';

export const memoryOf = (state: AgentState, config: AgentConfig): AgentMemory => ({
  bootId: config.bootId,
  lease: state.lease,
  highestTerm: state.highestTerm,
  assignment: state.assignment,
  leaseSince: state.leaseSince,
  leaseValidUntil: state.leaseUntil,
});

export function acknowledged(
  state: AgentState,
  controller: ControllerId,
  sequence: number,
  term: Term | undefined,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const adopted: AgentState = { ...state, highestTerm: higherTerm(state.highestTerm, term) };
  const round = state.rounds.get(sequence);
  const known = state.ackedAt.get(controller) ?? NEVER;
  if (!round || round.epoch !== state.lease.epoch || round.sentAt <= known) return [adopted, []];
  const ackedAt = new Map(adopted.ackedAt).set(controller, round.sentAt);
  const computed = leaseUntil(ackedAt, config.controllers.length, config.timing.leaseMs);
  // An adopted lease goes on until its persisted end while acks come in again.
  const until = Math.max(computed, adopted.leaseUntil) as Monotonic;
  if (until === NEVER || until <= now) return [{ ...adopted, ackedAt }, []];
  const first = !hasLease(adopted, now);
  const next = { ...adopted, ackedAt, leaseUntil: until, leaseSince: adopted.leaseSince ?? now };
  if (until === adopted.leaseUntil) return [next, []];
  const effects: AgentEffect[] = first
    ? [
        { kind: 'save', memory: memoryOf(next, config) },
        { kind: 'log', level: 'info', message: 'node lease obtained', fields: { ...next.lease } },
        ...heartbeat(next, now),
      ]
    : [{ kind: 'save-lease', validUntil: until }];
  return [next, effects];
}

export function endLease(state: AgentState, config: AgentConfig): AgentStep {
  const next: AgentState = {
    ...state,
    lease: { ...state.lease, epoch: epoch(state.lease.epoch + 1) },
    leaseUntil: NEVER,
    leaseSince: undefined,
    ackedAt: new Map(),
    assignment: undefined,
    refused: [],
    announcements: [],
  };
  return [
    next,
    [
      { kind: 'change', remove: [...state.bound.values()].map(addressOf), put: [] },
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
