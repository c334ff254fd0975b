import { epoch, type VipAddress } from '../ids.ts';
import type { AssignedVip } from '../messages.ts';
import { addMs, type Monotonic } from '../time.ts';
import { witnessSilenceMs } from '../timing.ts';
import type { AgentMemory } from './agent-memory.ts';
import { type AgentConfig, type AgentEvent, type AgentState, type AgentStep, initialAgent } from './agent-state.ts';
import { bindingChange, permitted } from './bindings.ts';
import { type HealthState, NO_CHECKS } from './health-state.ts';
import { whomToReach } from './counting.ts';
import { fenceClassOf, holdClasses, holdPools, NODE_LEASE } from './hold-rights.ts';
import { NO_HOLD, type WitnessState } from './hold-state.ts';
import { membersOf } from './holding.ts';
import { memoryOf } from './lease-keeping.ts';

/** The first step of an agent: the life and the VIPs of the run before go on where its lease is still valid. */
export function begin(event: AgentEvent & { kind: 'start' }, now: Monotonic, config: AgentConfig): AgentStep {
  const { memory, marked, interfaces, fence, realtime } = event;
  const ours = memory?.assignment === undefined || memory.assignment.node === config.node;
  const alive =
    memory !== undefined &&
    ours &&
    memory.bootId === config.bootId &&
    now < memory.leaseValidUntil &&
    (event.fenceOpen || !fence.active);
  const lease = alive ? memory.lease : { incarnation: event.incarnation, epoch: epoch(1) };
  // What was promised to peers is not remembered; what was barred is, within one life.
  const silentUntil = addMs(now, witnessSilenceMs(config.timing));
  const bars = new Map(alive ? (memory.bars ?? []).map((bar) => [bar.key, bar] as const) : []);
  const witness: WitnessState = { silentUntil, given: new Map(), bars };
  const health: HealthState = { ...NO_CHECKS, startedAt: now };
  const due = { heartbeatAt: now, refreshAt: now };
  // A new life asks anew: the controllers may have been installed again meanwhile.
  const electorate = alive ? memory.electorate : undefined;
  const clean = {
    ...initialAgent(lease),
    electorate,
    adoptedAt: now,
    restsOn: electorate?.version ?? 0,
    interfaces,
    fence,
    realtime,
    witness,
    health,
    ...due,
  };
  const state: AgentState = alive
    ? {
        ...clean,
        leaseUntil: memory.leaseValidUntil,
        fenceUntil: memory.leaseValidUntil,
        leaseSince: memory.leaseSince ?? now,
        restsOn: 0,
        highestTerm: memory.highestTerm,
        assignment: memory.assignment,
        hold: { ...NO_HOLD, fenced: adoptedClasses(memory), declaredAt: now },
      }
    : clean;
  const wanted = permitted(state.assignment?.vips ?? [], config).allowed;
  const change = bindingChange(marked, wanted);
  const kept = marked.length - change.remove.length;
  const managed = new Map([...marked.map(({ vip }) => [vip, NODE_LEASE] as const), ...wanted.map(classed(state))]);
  const peers = membersOf(holdPools(state));
  return [
    { ...state, managed },
    [
      ...(alive ? [] : [{ kind: 'fence-close' as const }]),
      { kind: 'connect', controllers: whomToReach(electorate, config) },
      { kind: 'fence-manage', vips: managed },
      ...(peers.length > 0 ? [{ kind: 'witness-peers' as const, peers }] : []),
      { kind: 'save', memory: memoryOf(state, config) },
      {
        kind: 'log',
        level: 'info',
        message: alive ? 'adopted the VIPs of the previous run' : 'started without VIPs',
        fields: { ...lease, kept, removed: change.remove.length },
      },
      { kind: 'change', ...change },
    ],
  ];
}

/** The kernel goes on with the classes of the run before; the next refresh says whether it does. */
const adoptedClasses = ({ assignment, leaseValidUntil }: AgentMemory): Map<number, Monotonic> =>
  new Map([...holdClasses(assignment?.holdPools ?? [])].map((fenceClass) => [fenceClass, leaseValidUntil]));

const classed =
  (state: AgentState) =>
  ({ vip, pool }: AssignedVip): [VipAddress, number] => [vip, fenceClassOf(holdPools(state), pool)];
