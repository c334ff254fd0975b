/** Carrying out assignments, and keeping what is on the interfaces as it was assigned. */
import type { NodeName, PoolName, VipAddress } from '../ids.ts';
import type {
  AnnouncePolicy,
  AssignedVip,
  Assignment,
  HoldPool,
  InterfaceState,
  PoolMember,
  RefusedVip,
} from '../messages.ts';
import { compareTerms, formatTerm, higherTerm } from '../term.ts';
import type { Monotonic } from '../time.ts';
import type { BoundAddress } from './agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentState,
  type AgentStep,
  hasLease,
  NO_EFFECTS,
  type Probing,
} from './agent-state.ts';
import { scheduleAfterBind } from './announcements.ts';
import { addressOf, bindingChange, permitted, samePlace } from './bindings.ts';
import { fenceClassOf, holdPools, withRights } from './hold-rights.ts';
import { memoryOf } from './lease-keeping.ts';
import { healthChanged, report } from './reports.ts';
import { startProbe } from './questions.ts';
import { askForTaken } from './rejoining.ts';

/** A rival that is not heard for so long is none any more. */
const RIVAL_REMEMBERED_MS = 10_000;

export function assigned(state: AgentState, assignment: Assignment, now: Monotonic, config: AgentConfig): AgentStep {
  const refusal = refusalOf(state, assignment, now, config);
  if (refusal !== undefined) {
    const fields = { reason: refusal, term: formatTerm(assignment.term), version: assignment.version };
    // Its master is known all the same: our next report has to be one under its term.
    const next = { ...state, highestTerm: higherTerm(state.highestTerm, assignment.term) };
    return [next, [{ kind: 'log', level: 'debug', message: 'assignment refused', fields }]];
  }
  const { allowed, refused } = permitted(assignment.vips, config);
  const asked = new Map(assignment.probes.map((probe) => [probe.vip, probe]));
  const probing = new Map(
    allowed.flatMap(({ vip }): [VipAddress, Probing][] => {
      const probe = asked.get(vip);
      return probe && !state.bound.has(vip) ? [[vip, startProbe(probe, now, config.timing)]] : [];
    }),
  );
  const [hold, opened] = withRights(state, assignment, now);
  const given = new Set(allowed.map(({ vip }) => vip));
  const taken = [...state.bound.values()].filter(({ vip }) => !given.has(vip));
  const next: AgentState = {
    ...state,
    rejoining: askForTaken(state, taken, now),
    assignment,
    hold,
    refused,
    probing,
    highestTerm: higherTerm(state.highestTerm, assignment.term),
    managed: withManaged(state.managed, assignment, allowed),
  };
  const questions = allowed.filter((item) => probing.has(item.vip)).map(addressOf);
  return [
    next,
    [
      { kind: 'save', memory: memoryOf(next, config) },
      ...peersWhereChanged(state, next),
      ...opened,
      ...manageWhereChanged(state, next),
      ...(questions.length > 0 ? [{ kind: 'probe' as const, addresses: questions }] : []),
      { kind: 'change', ...bindingChange([...state.bound.values()], wantedAddresses(next)) },
    ],
  ];
}

/** A VIP is fenced before it is bound. */
function withManaged(
  managed: ReadonlyMap<VipAddress, number>,
  { holdPools: pools }: Assignment,
  vips: readonly AssignedVip[],
): ReadonlyMap<VipAddress, number> {
  const wanted = vips.map(({ vip, pool }) => [vip, fenceClassOf(pools, pool)] as const);
  return wanted.every(([vip, fenceClass]) => managed.get(vip) === fenceClass)
    ? managed
    : new Map([...managed, ...wanted]);
}

const peersWhereChanged = (before: AgentState, after: AgentState): AgentEffect[] => {
  const peers = membersOf(holdPools(after));
  return JSON.stringify(membersOf(holdPools(before))) === JSON.stringify(peers)
    ? []
    : [{ kind: 'witness-peers', peers }];
};

/** Everybody in these pools, once, with every address that some pool knows. */
export const membersOf = (pools: readonly HoldPool[]): PoolMember[] => {
  const all = new Map<NodeName, Set<string>>();
  for (const { node, addresses } of pools.flatMap(({ members }) => members)) {
    all.set(node, new Set([...(all.get(node) ?? []), ...addresses]));
  }
  return [...all].map(([node, addresses]) => ({ node, addresses: [...addresses] }));
};

const manageWhereChanged = (before: AgentState, after: AgentState): AgentEffect[] =>
  after.managed === before.managed ? [] : [{ kind: 'fence-manage', vips: after.managed }];

/** Now and then: what has gone from the interfaces needs no fence, and old rivals are forgotten. */
export function tidy(state: AgentState, now: Monotonic): AgentStep {
  const managed = stillManaged(state);
  const rivals = stillRivals(state.rivals, now);
  const quiet = rivals !== state.rivals;
  if (managed === state.managed && !quiet) return [state, NO_EFFECTS];
  const next = { ...state, managed, rivals };
  const [reported, messages] = quiet ? report(next) : [next, []];
  return [reported, [...manageWhereChanged(state, next), ...messages]];
}

/** For the log; undefined where nobody told. */
export const poolOf = ({ assignment, bound }: AgentState, vip: VipAddress): PoolName | undefined =>
  (bound.get(vip) ?? assignment?.vips.find((item) => item.vip === vip))?.pool;

function stillManaged({ managed, bound, assignment }: AgentState): AgentState['managed'] {
  const vips = assignment?.vips ?? [];
  const isNeeded = (vip: VipAddress): boolean => bound.has(vip) || vips.some((item) => item.vip === vip);
  for (const vip of managed.keys()) {
    if (!isNeeded(vip)) return new Map([...managed].filter(([other]) => isNeeded(other)));
  }
  return managed;
}

function stillRivals(rivals: AgentState['rivals'], now: Monotonic): AgentState['rivals'] {
  for (const { at } of rivals.values()) {
    if (now - at > RIVAL_REMEMBERED_MS) {
      return new Map([...rivals].filter(([, rival]) => now - rival.at <= RIVAL_REMEMBERED_MS));
    }
  }
  return rivals;
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
  // Another policy begins as if the VIP had just been bound, without the announcement at once.
  const changed = [...bound.values()].filter(({ vip, announce }) => !isSamePolicy(state.bound.get(vip), announce));
  const replaced = new Set([...changed, ...fresh].map(({ vip }) => vip));
  const announcements = state.announcements.filter(
    ({ vip }) => bound.has(vip) && wanted.has(vip) && !replaced.has(vip),
  );
  const failed = errors.map(({ vip, code }) => ({
    vip,
    reason: code === 'EEXIST' ? ('AddressInUse' as const) : ('BindFailed' as const),
    message:
      code === 'EEXIST' ? `${config.node} has ${vip} already, and not from us` : `binding ${vip} failed: ${code}`,
  }));
  const conflicts = state.refused.filter((item) => isConflict(item) && wanted.has(item.vip) && !bound.has(item.vip));
  const next: AgentState = {
    ...state,
    bound,
    refused: [...permitted([...wanted.values()], config).refused, ...conflicts, ...failed],
    announcements: [
      ...announcements,
      ...[...bound.values()]
        .filter(({ vip }) => replaced.has(vip) && wanted.has(vip))
        .flatMap((item) => scheduleAfterBind(item.vip, item.announce, now) ?? []),
    ],
  };
  const gone = [...state.bound.keys()].filter((vip) => !bound.has(vip));
  const effects: AgentEffect[] = [];
  if (fresh.length > 0) effects.push({ kind: 'announce', addresses: fresh.map(addressOf) });
  for (const item of failed) {
    const fields = { pool: poolOf(state, item.vip), ...item };
    effects.push({ kind: 'log', level: 'warn', message: 'VIP not bound', fields });
  }
  const [reported, messages] = report(next);
  effects.push(...messages);
  // Whoever takes over waits for the report, and nobody for this.
  if (gone.length > 0) effects.push({ kind: 'drop-connections', vips: gone });
  return [reported, effects];
}

/** Not bound because somebody else answers. */
const isConflict = ({ reason }: RefusedVip): boolean => reason === 'AddressConflict' || reason === 'HolderAnswers';

const isSamePolicy = (before: AssignedVip | undefined, now: AnnouncePolicy): boolean =>
  before === undefined ||
  (before.announce.count === now.count &&
    before.announce.intervalMs === now.intervalMs &&
    before.announce.refreshMs === now.refreshMs);

export function interfacesChanged(state: AgentState, interfaces: readonly InterfaceState[]): AgentStep {
  const next = healthChanged({ ...state, interfaces });
  const backUp = interfaces
    .filter((link) => link.carrier && !state.interfaces.some((old) => old.name === link.name && old.carrier))
    .map((link) => link.name);
  const again = [...state.bound.values()].filter((item) => backUp.includes(item.interface)).map(addressOf);
  const effects: AgentEffect[] = [];
  // A switch port that comes up knows nobody, and an interface that was down has lost its IPv6 addresses.
  if (backUp.length > 0) effects.push({ kind: 'change', remove: [], put: wantedAddresses(state) });
  if (again.length > 0) effects.push({ kind: 'announce', addresses: again });
  return [next, effects];
}

/** What shall be on the interfaces now. */
export const wantedAddresses = (state: AgentState): BoundAddress[] => {
  const refused = new Set(state.refused.map((item) => item.vip));
  const mayBind = ({ vip }: AssignedVip): boolean => !refused.has(vip) && !state.probing.has(vip);
  return (state.assignment?.vips ?? []).filter(mayBind).map(addressOf);
};

/** What is on the interfaces and shall not be. */
export const leftOver = (state: AgentState): readonly BoundAddress[] =>
  state.bound.size === 0 ? [] : bindingChange([...state.bound.values()], wantedAddresses(state)).remove;

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
        fields: { pool: poolOf(state, item.vip), ...addressOf(item) },
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
