/**
 * What becomes of VIPs when the node lease ends while peers confirm some of them (design 3.7). The lease keeps its name,
 * and may become valid again; but whatever the controllers said before it ended must not come true after that, since
 * some of them may count it as over. So every version that can be on its way is passed over.
 */
import { type Monotonic, NEVER } from '../time.ts';
import type { AgentConfig, AgentEffect, AgentState, AgentStep } from './agent-state.ts';
import { addressOf, bindingChange } from './bindings.ts';
import { holdPools, isLapsed, isOfPools, NODE_LEASE, runningPools } from './hold-rights.ts';
import { endLease, memoryOf } from './lease-keeping.ts';
import { report } from './reports.ts';
import { leapVersions } from './version-leap.ts';

/** The node lease has ended: everything goes but what is confirmed. */
export function lapse(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  const running = runningPools(state, now, config);
  if (!state.assignment || running.length === 0) return endLease(state, now, config);
  const lapsed: AgentState = {
    ...leapVersions(state),
    leaseUntil: NEVER,
    fenceUntil: NEVER,
    leaseSince: undefined,
    probing: new Map(),
  };
  const fields = { ...state.lease, pools: running.map(({ name }) => name) };
  const told: AgentEffect = {
    kind: 'log',
    level: 'warn',
    message: 'node lease ended: only what peers confirm is kept',
    fields,
  };
  const [next, effects] = keepOnly(lapsed, running, config);
  return [next, [{ kind: 'fence-close', fenceClass: NODE_LEASE }, ...effects, told]];
}

/** Without a lease: lets go of pools whose right has ended. */
export function endRights(state: AgentState, now: Monotonic, config: AgentConfig): AgentStep {
  if (!isLapsed(state)) return [state, []];
  const running = runningPools(state, now, config);
  if (running.length === 0) return endLease(state, now, config);
  return running.length === holdPools(state).length ? [state, []] : keepOnly(state, running, config);
}

function keepOnly(before: AgentState, running: ReturnType<typeof holdPools>, config: AgentConfig): AgentStep {
  const { assignment } = before;
  if (!assignment) return [before, []];
  const vips = assignment.vips.filter((item) => before.bound.has(item.vip) && isOfPools(running, item));
  const state: AgentState = { ...before, assignment: { ...assignment, vips, holdPools: running } };
  const [next, messages] = report(state);
  const effects: AgentEffect[] = [
    { kind: 'save', memory: memoryOf(next, config) },
    { kind: 'change', ...bindingChange([...before.bound.values()], vips.map(addressOf)) },
    ...messages,
  ];
  return [next, effects];
}
