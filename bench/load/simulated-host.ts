/**
 * A host without a kernel: the agent is the product's own, and so are its streams to the controllers; its addresses, its
 * fence and its memory are in this process.
 */
import { GrpcControllerLink } from '../../src/adapters/grpc/grpc-controller-link.ts';
import { systemClock as clock } from '../../src/adapters/system/system-clock.ts';
import { systemRandom as random } from '../../src/adapters/system/system-random.ts';
import { systemSockets as sockets } from '../../src/adapters/system/system-sockets.ts';
import { AgentLoop } from '../../src/app/agent/agent-loop.ts';
import type { ElectorateMember } from '../../src/core/electorate.ts';
import { nodeName, type VipAddress } from '../../src/core/ids.ts';
import { parseCidr } from '../../src/core/ip.ts';
import type { Timing } from '../../src/core/timing.ts';
import type { LoadMeter } from '../../src/ports/load-meter.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import { FakeFence, FakeFenceState } from '../../src/testing/fake-fence.ts';
import { PluggedLink } from './plugged-link.ts';
import { SimulatedNetwork } from './simulated-network.ts';

export const SERVICE_NIC = 'eth1';
const ALLOWED = [parseCidr('10.0.0.0/8')].flatMap((subnet) => subnet ?? []);
const WITNESS_PORT = 7481;

export interface HostSpec {
  readonly name: string;
  /** On the service network. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly controllers: readonly ElectorateMember[];
  readonly timing: Timing;
}

/** What hosts have in common. */
export interface World {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Whether the host with this address on the service network has power. */
  isUp(address: string): boolean;
  /** A host has put these on its NIC. */
  bound(host: SimulatedHost, vips: readonly VipAddress[]): void;
}

export class SimulatedHost {
  readonly spec: HostSpec;
  readonly #world: World;
  #boots = 0;
  #run: Run | undefined;

  constructor(spec: HostSpec, world: World) {
    this.spec = spec;
    this.#world = world;
  }

  get powered(): boolean {
    return this.#run?.link.plugged ?? false;
  }

  /** Holds a lease. */
  get leased(): boolean {
    return this.#run?.agent.notReady() === undefined;
  }

  /** Whether it has the address, and its fence lets it answer. */
  answers(vip: VipAddress): boolean {
    const { network, fence } = this.#run ?? {};
    return (network?.addresses.has(vip) ?? false) && (fence?.lets(vip) ?? false);
  }

  held(): readonly VipAddress[] {
    return [...(this.#run?.network.addresses.keys() ?? [])];
  }

  /** Ends what ran before, like a host that is without power for a moment, and starts anew without any memory. */
  async powerOn(): Promise<void> {
    await this.#run?.agent.stop('keep');
    this.#run = this.#boot();
    await this.#run.agent.start();
  }

  /** Nothing leaves it or comes in any more; the other ends of its streams are not told. */
  powerOff(): void {
    this.#run?.link.unplug();
  }

  async stop(): Promise<void> {
    await this.#run?.agent.stop('keep');
  }

  #boot(): Run {
    const { name, address, labels, controllers, timing } = this.spec;
    const { log, metrics } = this.#world;
    const link = new PluggedLink(new GrpcControllerLink({ clock, random, sockets, log, metrics }));
    const network = new SimulatedNetwork(SERVICE_NIC, address, {
      isUp: (other) => this.#world.isUp(other),
      bound: (vips) => this.#world.bound(this, vips),
    });
    const fence = new FakeFenceState(clock);
    const ownFence = new FakeFence(fence);
    const ports = {
      clock,
      random,
      log,
      metrics,
      network,
      link,
      memory: { load: () => undefined, save: () => undefined, saveLease: () => undefined },
      fence: ownFence,
      fenceReport: ownFence.start(),
      realtime: () => ({ active: true, message: 'simulated' }),
      load: UNSTEADY_LOAD,
    };
    const agent = new AgentLoop(ports, {
      node: nodeName(name),
      machineId: name,
      bootId: `${name}-${++this.#boots}`,
      labels,
      agentVersion: 'load',
      controllers,
      witnessAddress: `${address}:${WITNESS_PORT}`,
      answersMulticast: false,
      interfaces: [SERVICE_NIC],
      allowedAddresses: ALLOWED,
      timing,
      addressLifetimeMs: 30_000,
    });
    return { agent, link, network, fence };
  }
}

interface Run {
  readonly agent: AgentLoop;
  readonly link: PluggedLink;
  readonly network: SimulatedNetwork;
  readonly fence: FakeFenceState;
}

/** Never the same for long, as on a host that works: a quiet one would have nothing to tell but heartbeats. */
const UNSTEADY_LOAD: LoadMeter = {
  sample: () =>
    Promise.resolve({ processorPercent: 20 + 40 * random.fraction(), memoryPercent: 50 + 2 * random.fraction() }),
};
