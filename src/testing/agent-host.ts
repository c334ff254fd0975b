/** An agent's core on a pretended kernel: addresses, a fence that closes by itself, a memory that survives. */
import { agentWakeAt, stepAgent } from '../core/agent/agent.ts';
import type { AgentMemory, BoundAddress } from '../core/agent/agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  initialAgent,
} from '../core/agent/agent-state.ts';
import type { NodeConfig } from '../core/check-state.ts';
import { type Check, checkName, type CheckRun } from '../core/checks.ts';
import { controllerId, incarnation, poolName, type VipAddress, vipAddress } from '../core/ids.ts';
import { parseCidr } from '../core/ip.ts';
import type { AgentMessage, AssignedVip, Assignment, Capability, NackReason } from '../core/messages.ts';
import type { Term } from '../core/term.ts';
import { monotonic, NEVER } from '../core/time.ts';
import { TIMING_PROFILES } from '../core/timing.ts';
import { electorate, lease, n, term, v } from './core-builders.ts';

export const agentConfig: AgentConfig = {
  node: n('node-1'),
  machineId: 'machine',
  bootId: 'boot',
  labels: {},
  agentVersion: '1',
  controllers: electorate(3).members,
  witnessAddress: '',
  answersMulticast: false,
  interfaces: ['s0', 's1'],
  allowedAddresses: ['192.0.2.0/24', '2001:db8::/64'].flatMap((text) => parseCidr(text) ?? []),
  timing: TIMING_PROFILES.Default,
  addressLifetimeMs: 30_000,
};

export const assigned = (vip: string, over: Partial<AssignedVip> = {}): AssignedVip => ({
  vip: v(vip),
  pool: poolName('nas'),
  interface: 's0',
  prefixLength: 32,
  announce: { count: 3, intervalMs: 1_100, refreshMs: 0 },
  ...over,
});

export class AgentHost {
  state: AgentState = initialAgent(lease('unborn', 0));
  readonly config: AgentConfig;
  kernel = new Map<VipAddress, BoundAddress>();
  readonly unbindable = new Set<string>();
  readonly unremovable = new Set<string>();
  /** What this kernel can do. */
  fence: Capability = { active: true, message: 'nf_tables' };
  /** The kernel lets this host answer until then. */
  openUntil = Number.NEGATIVE_INFINITY;
  /** How much less than it was asked for the kernel grants. */
  fenceShortMs = 0;
  /** So long the process is held up after addresses were put, before it sees them there. */
  putTakesMs = 0;
  /** Effects of the last call of `at`, in order. */
  effects: AgentEffect[] = [];
  /** The same for the classes of `Hold` pools. */
  readonly classes = new Map<number, number>();
  memory: AgentMemory | undefined;

  constructor(over: Partial<AgentConfig> = {}) {
    this.config = { ...agentConfig, ...over };
  }

  at(now: number, ...events: readonly AgentEvent[]): this {
    this.effects = [];
    for (const event of events) this.#step(event, now);
    return this;
  }

  #step(event: AgentEvent, now: number): void {
    const [state, effects] = stepAgent(this.state, event, monotonic(now), this.config);
    this.state = state;
    const answers: AgentEvent[] = [];
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.kind === 'fence') answers.push(this.#extend(effect, now));
      else this.#carryOut(effect, now);
    }
    for (const answer of answers) this.#step(answer, now);
  }

  #carryOut(effect: AgentEffect, now: number): void {
    if (effect.kind === 'save') this.memory = effect.memory;
    if (effect.kind === 'save-lease' && this.memory) {
      this.memory = { ...this.memory, leaseValidUntil: effect.validUntil };
    }
    if (effect.kind === 'fence-close') this.#close(effect.fenceClass);
    if (effect.kind === 'change') this.#change(effect, now);
  }

  #extend({ mode, fenceClass, until }: AgentEffect & { kind: 'fence' }, now: number): AgentEvent {
    const open = this.openOf(fenceClass);
    if (mode === 'refresh' && now >= open) return { kind: 'fence-lost', fenceClass };
    const ends = until - this.fenceShortMs;
    if (fenceClass === 0) this.openUntil = ends;
    else this.classes.set(fenceClass, ends);
    return { kind: 'fenced', fenceClass, until: monotonic(ends) };
  }

  /** Until when the kernel lets the class answer. */
  openOf(fenceClass: number): number {
    return fenceClass === 0 ? this.openUntil : (this.classes.get(fenceClass) ?? Number.NEGATIVE_INFINITY);
  }

  #close(fenceClass: number | undefined): void {
    if (fenceClass === undefined || fenceClass === 0) this.openUntil = Number.NEGATIVE_INFINITY;
    if (fenceClass === undefined) this.classes.clear();
    else this.classes.delete(fenceClass);
  }

  #change({ remove, put }: AgentEffect & { kind: 'change' }, now: number): void {
    for (const { vip } of remove) if (!this.unremovable.has(vip)) this.kernel.delete(vip);
    const failed = put.filter((item) => this.unbindable.has(item.vip));
    for (const item of put) if (!failed.includes(item)) this.kernel.set(item.vip, item);
    const errors = failed.map(({ vip }) => ({ vip, code: 'EEXIST' }));
    const seenAt = put.length > 0 ? now + this.putTakesMs : now;
    this.#step({ kind: 'observed', marked: [...this.kernel.values()], errors }, seenAt);
  }

  start(now = 0): this {
    this.state = initialAgent(lease('unborn', 0));
    this.at(now, {
      kind: 'start',
      memory: this.memory,
      marked: [...this.kernel.values()],
      interfaces: [],
      fence: this.fence,
      realtime: { active: true, message: 'SCHED_FIFO' },
      fenceOpen: now < this.openUntil,
      incarnation: incarnation(`life-${now}`),
    });
    this.#acquaint(now);
    return this;
  }

  /** As if it had been told at once which controllers there are. */
  #acquaint(now: number): void {
    const electorate = this.state.electorate ?? { version: 1, members: this.config.controllers };
    const { restsOn, leaseUntil } = this.state;
    const known = leaseUntil === NEVER ? electorate.version : restsOn;
    this.state = { ...this.state, electorate, adoptedAt: monotonic(now - 1), restsOn: known };
    if (this.memory) this.memory = { ...this.memory, electorate };
  }

  connect(now: number): this {
    const { controllers } = this.config;
    return this.at(now, ...controllers.map(({ id }) => ({ kind: 'connected' as const, controller: id })));
  }

  tick(now: number): this {
    return this.at(now, { kind: 'tick' });
  }

  ack(now: number, who: readonly string[], sequence = this.state.sequence, known?: Term): this {
    return this.at(
      now,
      ...who.map((id) => ({
        kind: 'ack' as const,
        controller: controllerId(id),
        sequence,
        term: known,
        electorate: this.state.electorate?.version ?? 0,
      })),
    );
  }

  /** These controllers refuse the newest heartbeat. */
  nack(now: number, who: readonly string[], reason: NackReason = 'Revoked'): this {
    const { sequence, highestTerm: known } = this.state;
    return this.at(
      now,
      ...who.map((id) => ({ kind: 'nack' as const, controller: controllerId(id), sequence, term: known, reason })),
    );
  }

  /** Heartbeats that are acknowledged at once, before this time. */
  keepLease(until: number): this {
    for (let at = this.state.heartbeatAt; at < until; at = this.state.heartbeatAt) this.tick(at).ack(at, ['c1', 'c2']);
    return this;
  }

  assign(now: number, version: number, vips: readonly AssignedVip[], over: Partial<Assignment> = {}): this {
    const { lease } = this.state;
    const common = { term: term(1), version, node: this.config.node, lease, vips, probes: [], holdPools: [] };
    return this.at(now, { kind: 'assignment', assignment: { ...common, ...over } });
  }

  configure(now: number, version: number, checks: readonly Check[], over: Partial<NodeConfig> = {}): this {
    const rest = { repairs: new Map(), logLevel: undefined, neighbours: [], serviceInterfaces: new Map() };
    const common = { term: term(1), version, checks, ...rest };
    return this.at(now, { kind: 'config', config: { ...common, ...over } });
  }

  /** One run of a check of pool "nas". */
  ran(now: number, name: string, ok: boolean, over: Partial<CheckRun> = {}): this {
    const run = { pool: poolName('nas'), name: checkName(name), ok, output: ok ? 'fine' : 'broken', certain: false };
    return this.at(now, { kind: 'check-run', run: { ...run, durationMs: 5, ...over } });
  }

  /** Verdict on a check of pool "nas" as the agent has it. */
  verdict(name: string): string | undefined {
    return this.state.health.checks.get(`nas/${name}`)?.verdict;
  }

  /** Addresses on the interfaces. */
  holds(): string[] {
    return [...this.kernel.keys()];
  }

  /** Addresses that this host would answer for. */
  answersFor(now: number): string[] {
    return this.holds().filter((vip) => now < this.openOf(this.state.managed.get(vipAddress(vip)) ?? 0));
  }

  wakeAt(): number {
    return agentWakeAt(this.state, this.config);
  }

  done<K extends AgentEffect['kind']>(kind: K): Extract<AgentEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<AgentEffect, { kind: K }> => effect.kind === kind);
  }

  kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }

  /** What the first controller was told. */
  said<K extends AgentMessage['kind']>(kind: K): Extract<AgentMessage, { kind: K }>[] {
    return this.done('send').flatMap(({ controller, message }) =>
      controller === this.config.controllers[0]?.id && message.kind === kind
        ? [message as Extract<AgentMessage, { kind: K }>]
        : [],
    );
  }

  announced(): string[] {
    return this.done('announce').flatMap(({ addresses }) => addresses.map((item) => item.vip));
  }
}

/** Started at 0, lease obtained at 10 by the heartbeat of 0; holds nothing yet. */
export const leasedHost = (host = new AgentHost()): AgentHost => host.start().connect(0).tick(0).ack(10, ['c1', 'c2']);

/** The same with two VIPs. */
export const holdingHost = (host = new AgentHost()): AgentHost =>
  leasedHost(host).assign(20, 1, [assigned('192.0.2.1'), assigned('192.0.2.2')]);
