/** Carrying out assignments, and keeping what is on the interfaces as it was assigned. */
import type { VipAddress } from '../ids.ts';
import type { AssignedVip, Assignment, InterfaceState } from '../messages.ts';
import { compareTerms, formatTerm, higherTerm } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type { BoundAddress } from './agent-memory.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';
import { scheduleAfterBind } from './announcements.ts';
import { addressOf, bindingChange, permitted, samePlace } from './bindings.ts';
import { memoryOf } from './lease-keeping.ts';
import { report, toAll } from './reports.ts';

export function assigned(state: AgentState, assignment: Assignment, now: Monotonic, config: AgentConfig): AgentStep {
  const refusal = refusalOf(state, assignment, now, config);
  if (refusal !== undefined) {
    const fields = { reason: refusal, term: formatTerm(assignment.term), version: assignment.version };
    return [state, [{ kind: 'log', level: 'debug', message: 'assignment refused', fields }]];
  }
  const { allowed, refused } = permitted(assignment.vips, config);
  const next: AgentState = {
    ...state,
    assignment,
    refused,
    highestTerm: higherTerm(state.highestTerm, assignment.term),
  };
  return [
    next,
    [
      { kind: 'save', memory: memoryOf(next, config) },
      { kind: 'change', ...bindingChange([...state.bound.values()], allowed) },
    ],
  ];
}

/** Why an assignment has no effect; undefined where it has one. */
function refusalOf(state: AgentState, item: Assignment, now: Monotonic, config: AgentConfig): string | undefined {
  if (item.node !== config.node) return 'it is for another node';
  if (!hasLease(state, now)) return 'no valid lease';
  if (item.lease.incarnation !== state.lease.incarnation || item.lease.epoch !== state.lease.epoch) {
    return 'it is for another lease';
  }
  if (state.highestTerm && compareTerms(item.term, state.highestTerm) < 0) return 'its term is lower than one seen';
  if (!state.assignment) return undefined;
  const order = compareTerms(item.term, state.assignment.term);
  return order < 0 || (order === 0 && item.version <= state.assignment.version) ? 'not newer' : undefined;
}

/** The interfaces after a change: what is there now is what we hold. */
export function observed(
  state: AgentState,
  marked: readonly BoundAddress[],
  errors: readonly { readonly vip: VipAddress; readonly code: string }[],
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const wanted = new Map((state.assignment?.vips ?? []).map((item) => [item.vip, item]));
  const bound = new Map(
    marked.flatMap((address) => {
      const item = wanted.get(address.vip) ?? state.bound.get(address.vip);
      return item ? [[address.vip, { ...item, ...address }] as const] : [];
    }),
  );
  // New here, or on another interface than before: clients have to learn the MAC.
  const isNew = (item: AssignedVip): boolean => state.bound.get(item.vip)?.interface !== item.interface;
  const fresh = [...bound.values()].filter((item) => isNew(item) && wanted.has(item.vip));
  const announcements = state.announcements.filter((item) => bound.has(item.vip) && wanted.has(item.vip));
  const failed = errors.map(({ vip, code }) => ({
    vip,
    reason: code === 'EEXIST' ? ('AddressInUse' as const) : ('BindFailed' as const),
    message:
      code === 'EEXIST' ? `${config.node} has ${vip} already, and not from us` : `binding ${vip} failed: ${code}`,
  }));
  const next: AgentState = {
    ...state,
    bound,
    refused: [...permitted([...wanted.values()], config).refused, ...failed],
    announcements: [
      ...announcements,
      ...fresh.flatMap((item) => scheduleAfterBind(item.vip, item.announce, now) ?? []),
    ],
  };
  const effects: AgentEffect[] = [];
  if (fresh.length > 0) effects.push({ kind: 'announce', addresses: fresh.map(addressOf) });
  for (const item of failed) {
    effects.push({ kind: 'log', level: 'warn', message: 'VIP not bound', fields: { ...item } });
  }
  const [reported, messages] = report(next);
  return [reported, [...effects, ...messages]];
}

export function interfacesChanged(state: AgentState, interfaces: readonly InterfaceState[]): AgentStep {
  const next = { ...state, interfaces };
  const backUp = interfaces
    .filter((link) => link.carrier && !state.interfaces.some((old) => old.name === link.name && old.carrier))
    .map((link) => link.name);
  const again = [...state.bound.values()].filter((item) => backUp.includes(item.interface)).map(addressOf);
  const effects: AgentEffect[] = toAll(next, { kind: 'health', interfaces });
  // A switch port that comes up knows nobody, and an interface that was down has lost its IPv6 addresses.
  if (backUp.length > 0) effects.push({ kind: 'change', remove: [], put: wantedAddresses(state) });
  if (again.length > 0) effects.push({ kind: 'announce', addresses: again });
  return [next, effects];
}

/** What shall be on the interfaces now. */
export const wantedAddresses = (state: AgentState): BoundAddress[] => {
  const refused = new Set(state.refused.map((item) => item.vip));
  return (state.assignment?.vips ?? []).filter((item) => !refused.has(item.vip)).map(addressOf);
};

/** Judged by what shall be there: of several addresses that vanish at once the first event already finds all of them gone. */
export function addressRemoved(state: AgentState, address: BoundAddress): AgentStep {
  const item = wantedAddresses(state).find((other) => other.vip === address.vip);
  if (!item || !samePlace(item, address)) return [state, []];
  const bound = new Map(state.bound);
  bound.delete(address.vip);
  return [
    { ...state, bound },
    [
      {
        kind: 'log',
        level: 'warn',
        message: 'somebody deleted a VIP: adding it again',
        fields: { ...addressOf(item) },
      },
      { kind: 'change', remove: [], put: [addressOf(item)] },
    ],
  ];
}

/** What was deleted or left behind while nobody told us is put right. */
export function resynced(state: AgentState, marked: readonly BoundAddress[]): AgentStep {
  const change = bindingChange(marked, wantedAddresses(state));
  const missing = new Set(change.put.map((item) => item.vip));
  const bound = new Map([...state.bound].filter(([vip]) => !missing.has(vip)));
  return [{ ...state, bound }, [{ kind: 'change', ...change }]];
}
