/** Confirming what peers hold while we have no lease, and barring it while we have one (failure model: Hold). */
import type { ControllerId, NodeName } from '../ids.ts';
import { ANY_LEASE } from '../hold-bars.ts';
import { leaseKey } from '../lease-name.ts';
import type { BarRequest } from '../messages.ts';
import { compareTerms, higherTerm } from '../term.ts';
import { addMs, type Monotonic } from '../time.ts';
import { revokeAfterMs, type Timing } from '../timing.ts';
import type { WitnessMessage } from '../witness-messages.ts';
import { type AgentConfig, type AgentEffect, type AgentState, type AgentStep, hasLease } from './agent-state.ts';
import type { Bar } from './hold-state.ts';
import { memoryOf } from './lease-keeping.ts';

/** Bars against leases that ended long ago are forgotten; each node has few lives within the life of a report. */
const BARS_KEPT = 1_024;

/**
 * Whether our lease counts among peers. It counts as ended early, as if later acknowledgements had been lost: when all
 * controllers vanish at once, the first whose lease ends must not find its peers leased still.
 */
export const isLeasedAmongPeers = (state: AgentState, now: Monotonic, { leaseMs }: Timing): boolean =>
  hasLease(state, now) && now < addMs(state.leaseUntil, -0.4 * leaseMs);

/** Questions begin at half of the lease, before the peers' leases stop to count. */
export const askFrom = ({ leaseUntil }: AgentState, { leaseMs }: Timing): Monotonic =>
  addMs(leaseUntil, -0.5 * leaseMs);

/** A peer asks whether it may go on. */
export function confirmRequested(
  state: AgentState,
  from: NodeName,
  request: WitnessMessage & { kind: 'confirm-request' },
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const { node, lease, sequence } = request;
  if (node !== from) return [state, []];
  const key = leaseKey(node, lease);
  const { witness } = state;
  const barred = [key, leaseKey(node, ANY_LEASE)].some((name) => witness.bars.get(name)?.active);
  const confirmed = now >= witness.silentUntil && !isLeasedAmongPeers(state, now, config.timing) && !barred;
  const given = new Map([...witness.given].filter(([, until]) => until > now));
  // Counted by our clock, which may be the faster one; the question was sent before now.
  if (confirmed) given.set(key, addMs(now, revokeAfterMs(config.timing)));
  const answer: WitnessMessage = { kind: 'confirm-answer', node, lease, sequence, confirmed };
  return [{ ...state, witness: { ...witness, given } }, [{ kind: 'witness', to: from, message: answer }]];
}

/** The master asks us never to confirm a lease, or takes that back. What cannot be promised now it asks again. */
export function barRequested(
  state: AgentState,
  controller: ControllerId,
  request: BarRequest,
  now: Monotonic,
  config: AgentConfig,
): AgentStep {
  const { term, node, lease, number, lift } = request;
  if (state.highestTerm && compareTerms(term, state.highestTerm) < 0) return [state, []];
  const { witness } = state;
  const key = leaseKey(node, lease);
  // A master speaks: whatever an earlier one asked for is decided.
  const current = new Map([...witness.bars].filter(([, bar]) => compareTerms(bar.term, term) >= 0));
  const known = current.get(key);
  const order = known ? compareTerms(term, known.term) || number - known.number : 1;
  if (order < 0 || (order === 0 && known?.active === lift)) return [state, []];
  if (!lift && !mayBar(state, request, now, config)) return [state, []];
  const bar: Bar = { key, term, number, active: !lift };
  const others = [...current].filter(([other]) => other !== key).slice(1 - BARS_KEPT);
  const bars = new Map([...others, [key, bar] as const]);
  const next: AgentState = {
    ...state,
    highestTerm: higherTerm(state.highestTerm, term),
    witness: { ...witness, bars },
  };
  const said: AgentEffect[] = lift
    ? []
    : [{ kind: 'send', controller, message: { kind: 'barred', node, lease, number, by: state.lease } }];
  return [next, [...(order === 0 ? [] : [{ kind: 'save' as const, memory: memoryOf(next, config) }]), ...said]];
}

function mayBar(state: AgentState, { node, lease }: BarRequest, now: Monotonic, config: AgentConfig): boolean {
  const { silentUntil, given } = state.witness;
  const any = lease.incarnation === ANY_LEASE.incarnation;
  const named = (key: string): boolean => (any ? key.startsWith(`${node} `) : key === leaseKey(node, lease));
  const spent = [...given].every(([key, until]) => now >= until || !named(key));
  return now >= silentUntil && spent && isLeasedAmongPeers(state, now, config.timing);
}
