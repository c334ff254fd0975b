/** The agent's loop on fakes, and a test that speaks for its one controller. Everything that happens is written down. */
import { AgentLoop } from '../app/agent/agent-loop.ts';
import type { AgentMemory } from '../core/agent/agent-memory.ts';
import type { AgentConfig } from '../core/agent/agent-state.ts';
import type { CheckState, NodeConfig } from '../core/check-state.ts';
import type { Check } from '../core/checks.ts';
import { controllerId, nodeName, poolName, vipAddress } from '../core/ids.ts';
import { parseCidr } from '../core/ip.ts';
import type { AgentMessage, Capability, LeaseName } from '../core/messages.ts';
import { TIMING_PROFILES } from '../core/timing.ts';
import type { AgentMemoryStore } from '../ports/agent-memory.ts';
import type { LoadMeter } from '../ports/load-meter.ts';
import type { ControllerLink, ControllerLinkEvent } from '../ports/controller-link.ts';
import { electorate, term } from './core-builders.ts';
import { FakeCheckRunner } from './fake-check-runner.ts';
import { FakeFence, type FakeFenceOptions, FakeFenceState } from './fake-fence.ts';
import { FakeNetwork } from './fake-network.ts';
import { RecordedPorts } from './recorded-ports.ts';
import { ScriptedProbe } from './scripted-probe.ts';
import { SeededRandom } from './sim/random.ts';
import { VirtualClock } from './virtual-clock.ts';

export const C1 = controllerId('c1');

export const loopConfig: AgentConfig = {
  node: nodeName('node-a'),
  machineId: 'machine',
  bootId: 'boot',
  labels: {},
  agentVersion: '0.1.0',
  controllers: electorate(1).members,
  witnessAddress: '',
  answersMulticast: false,
  interfaces: ['s0'],
  allowedAddresses: [parseCidr('192.0.2.0/24')].flatMap((subnet) => subnet ?? []),
  timing: TIMING_PROFILES.Default,
  addressLifetimeMs: 30_000,
};

/** What a controller says to an agent that knows none. */
export const ELECTORATE = { kind: 'electorate', electorate: electorate(1) } as const;

class TracedFence extends FakeFence {
  readonly #trace: string[];

  constructor(trace: string[], state: FakeFenceState, options: FakeFenceOptions) {
    super(state, options);
    this.#trace = trace;
  }

  override extend(...args: Parameters<FakeFence['extend']>): ReturnType<FakeFence['extend']> {
    this.#trace.push(`fence ${args[0]}`);
    return super.extend(...args);
  }

  override manage(vips: Parameters<FakeFence['manage']>[0]): void {
    this.#trace.push(`fence manage ${[...vips.keys()].join(' ')}`);
    super.manage(vips);
  }

  override close(): void {
    this.#trace.push('fence close');
    super.close();
  }

  override stop(): void {
    this.#trace.push('fence stop');
    super.stop();
  }

  override remove(): void {
    this.#trace.push('fence remove');
    super.remove();
  }
}

export class AgentOnFakes {
  readonly clock = new VirtualClock();
  readonly trace: string[] = [];
  readonly sent: AgentMessage[] = [];
  readonly recorded = new RecordedPorts();
  readonly network = new FakeNetwork((line) => this.trace.push(line));
  /** What stays of the fence, whatever becomes of the agent. */
  readonly kernel = new FakeFenceState(this.clock);
  readonly checks = new FakeCheckRunner();
  /** Runs repair commands. */
  readonly repairs = new ScriptedProbe(this.clock);
  /** What the log was told to show. */
  readonly logLevels: unknown[] = [];
  /** Undefined: nobody asked for it. */
  scheduling: Capability | undefined = { active: true, message: 'SCHED_FIFO' };
  memory: AgentMemory | undefined;
  hear: (event: ControllerLinkEvent) => void = () => undefined;
  readonly #config: AgentConfig;
  agent: AgentLoop;

  constructor(config: Partial<AgentConfig> = {}) {
    this.#config = { ...loopConfig, ...config };
    this.agent = this.newAgent();
  }

  /** Another run of the agent on the same host. */
  newAgent(fenceOptions: FakeFenceOptions = {}, load?: LoadMeter): AgentLoop {
    const { clock, network } = this;
    const { log, metrics } = this.recorded;
    const fence = new TracedFence(this.trace, this.kernel, fenceOptions);
    const random = new SeededRandom(1);
    const realtime = (): Capability | undefined => this.scheduling;
    const fenceReport = fence.start();
    const ports = {
      clock,
      random,
      log,
      metrics,
      network,
      fence,
      fenceReport,
      realtime,
      checks: this.checks,
      repairs: this.repairs,
      logLevel: (level: unknown) => void this.logLevels.push(level),
      link: this.#link(),
      memory: this.#store(),
      ...(load && { load }),
    };
    return new AgentLoop(ports, this.#config);
  }

  #link(): ControllerLink {
    return {
      connect: () => undefined,
      start: (onEvent) => {
        this.trace.push('link start');
        this.hear = onEvent;
        return Promise.resolve();
      },
      send: (_, message) => {
        this.sent.push(message);
        if (message.kind === 'hello' && message.electorate === undefined)
          this.hear({ kind: 'message', controller: C1, message: ELECTORATE });
        const held = message.kind === 'applied' ? ` ${message.held.map(({ vip }) => vip).join(' ')}` : '';
        this.trace.push(`${message.kind}${held}`);
      },
      stop: () => {
        this.trace.push('link stop');
        return Promise.resolve();
      },
    };
  }

  #store(): AgentMemoryStore {
    return {
      load: () => this.memory,
      save: (next) => {
        this.trace.push('save');
        this.memory = next;
      },
      saveLease: (leaseValidUntil) => {
        this.trace.push('save lease');
        if (this.memory) this.memory = { ...this.memory, leaseValidUntil };
      },
    };
  }

  /** What happened since the last look. */
  happened(): string[] {
    return this.trace.splice(0);
  }

  lastLease(): LeaseName {
    const beat = this.sent.findLast((message) => message.kind === 'heartbeat');
    if (!beat) throw new Error('no heartbeat was sent');
    return beat.lease;
  }

  assign(version: number, ...vips: string[]): void {
    this.#assign(version, vips, false);
  }

  /** An assignment of VIPs that their holder has lost. */
  takeOver(version: number, ...vips: string[]): void {
    this.#assign(version, vips, true);
  }

  #assign(version: number, texts: readonly string[], lost: boolean): void {
    const announce = { count: 2, intervalMs: 1_100, refreshMs: 0 };
    const place = { pool: poolName('nas'), interface: 's0', prefixLength: 32, announce };
    const assignment = {
      term: term(1),
      version,
      node: loopConfig.node,
      lease: this.lastLease(),
      vips: texts.map((vip) => ({ vip: vipAddress(vip), ...place })),
      probes: lost ? texts.map((vip) => ({ vip: vipAddress(vip), formerMacs: [], insistent: false })) : [],
      holdPools: [],
    };
    this.hear({ kind: 'message', controller: C1, message: { kind: 'assignment', ...assignment } });
  }

  configure(version: number, checks: readonly Check[], over: Partial<NodeConfig> = {}): void {
    const rest = { repairs: new Map(), logLevel: undefined, neighbours: [], serviceInterfaces: new Map() };
    const config = { term: term(1), version, checks, ...rest, ...over };
    this.hear({ kind: 'message', controller: C1, message: { kind: 'config', ...config } });
  }

  /** The newest report says of the only check. */
  reported(): CheckState | undefined {
    return this.sent.findLast((message) => message.kind === 'health')?.checks[0];
  }

  /** Of the newest heartbeat. */
  acknowledge(): void {
    const beat = this.sent.findLast((message) => message.kind === 'heartbeat');
    if (!beat) return;
    const message = { kind: 'ack' as const, sequence: beat.sequence, term: term(1), master: C1, electorate: 1 };
    this.hear({ kind: 'message', controller: C1, message });
  }

  /** @param given version of the assignment by which the master gives everything to others; without one it does not */
  async stop(mode: 'handover' | 'keep', given?: number): Promise<void> {
    const stopped = this.agent.stop(mode);
    if (given !== undefined) this.assign(given);
    await this.clock.advance(100);
    await stopped;
  }

  /** Started, connected, and with a node lease. */
  async leased(): Promise<void> {
    await this.agent.start();
    this.hear({ kind: 'connected', controller: C1 });
    await this.clock.advance(200);
    this.acknowledge();
    this.happened();
  }
}
