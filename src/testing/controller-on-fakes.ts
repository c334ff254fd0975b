import type { ControllerConfig } from '../core/controller/controller-state.ts';
import type { ControllerMemory } from '../core/controller/controller-memory.ts';
import { type Electorate, electorateName } from '../core/electorate.ts';
import { nodeName } from '../core/ids.ts';
import type { AgentMessage, ControllerMessage } from '../core/messages.ts';
import { TIMING_PROFILES } from '../core/timing.ts';
import type { AgentServer, AgentServerEvent, SessionId } from '../ports/agent-server.ts';
import type { ControllerMemoryStore } from '../ports/controller-memory.ts';
import type { PeerLink } from '../ports/peer-link.ts';
import { applied, healthReport, instance, lease } from './core-builders.ts';
import type { FakeElection } from './fake-election-store.ts';
import { FakeSource, type FakeSourceStore } from './fake-source.ts';
import { RecordedPorts } from './recorded-ports.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { ControllerLoop } from '../app/controller/controller-loop.ts';

const SESSION = 1 as SessionId;

/** A lone controller, or one of two. */
const configOf = (id: string, of: Electorate): ControllerConfig => ({
  self: instance(id),
  node: nodeName('node-of-c1'),
  bootId: 'boot',
  address: of.members.find((member) => member.id === id)?.address,
  controllers: of.members,
  timing: TIMING_PROFILES.Default,
  election: { self: instance(id), ttlMs: 3_000, marginMs: 500, pollMs: 500 },
});

const NO_PEERS: PeerLink = {
  connect: () => undefined,
  start: () => Promise.resolve(),
  send: () => undefined,
  stop: () => Promise.resolve(),
};

/** A controller on fakes, with one agent that the test speaks for. */
export class ControllerOnFakes {
  readonly ports = new RecordedPorts();
  readonly said: ControllerMessage[] = [];
  readonly loop: ControllerLoop;
  readonly source: FakeSource;
  readonly #clock: VirtualClock;
  readonly #trace: string[];
  memory: ControllerMemory | undefined;
  hear: (event: AgentServerEvent) => void = () => undefined;
  readonly #electorate: Electorate;
  #sequence = 0;

  constructor(
    id: string,
    shared: { clock: VirtualClock; election: FakeElection; declared: FakeSourceStore; trace: string[] },
    of: Electorate,
  ) {
    this.#electorate = of;
    this.#clock = shared.clock;
    this.#trace = shared.trace;
    const source = (this.source = new FakeSource(shared.declared));
    const stopSource = source.stop.bind(source);
    source.stop = () => {
      shared.trace.push(`${id} source stop`);
      return stopSource();
    };
    const { log, metrics } = this.ports;
    const { clock } = shared;
    this.loop = new ControllerLoop(
      {
        clock,
        log,
        metrics,
        store: shared.election.newStore(),
        server: this.#server(id),
        source,
        peers: NO_PEERS,
        memory: this.#memory(),
      },
      configOf(id, of),
    );
  }

  #memory(): ControllerMemoryStore {
    return {
      load: () => this.memory,
      save: (memory) => void (this.memory = memory),
      savePromise: () => undefined,
    };
  }

  #server(id: string): AgentServer {
    return {
      start: (onEvent) => {
        this.#trace.push(`${id} server start`);
        this.hear = onEvent;
        return Promise.resolve();
      },
      send: (_, message) => void this.said.push(message),
      stop: () => {
        this.#trace.push(`${id} server stop`);
        return Promise.resolve();
      },
    };
  }

  agentSays(message: AgentMessage): void {
    this.hear({ kind: 'message', session: SESSION, message });
  }

  heartbeat(): void {
    const sequence = ++this.#sequence;
    const highestTerm = this.said.findLast((message) => message.kind === 'ack' || message.kind === 'nack')?.term;
    this.agentSays({
      kind: 'heartbeat',
      sequence,
      lease: lease(),
      leaseValid: true,
      highestTerm,
      electorate: 1,
      restsOn: 1,
    });
  }

  /** Time in which the agent's heartbeats go on. */
  async withHeartbeats(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.heartbeat();
      await this.#clock.advance(100);
    }
  }

  /** An agent connects, and tells everything that the master needs to know. */
  greet(): void {
    this.agentSays({
      kind: 'hello',
      node: nodeName('node-1'),
      machineId: 'm',
      bootId: 'b',
      lease: lease(),
      leaseHeldMs: 60_000,
      labels: {},
      agentVersion: '0.1.0',
      electorate: electorateName(this.#electorate),
      witnessAddress: '',
      answersMulticast: false,
    });
    this.agentSays({ kind: 'health', ...healthReport() });
    this.agentSays({ kind: 'applied', ...applied('node-1', { lease: lease() }) });
    this.heartbeat();
  }

  /** The agent's stream ends without a word. */
  hangUp(): void {
    this.hear({ kind: 'closed', session: SESSION });
  }

  /** The agent has carried out the newest assignment. */
  confirm(): void {
    const assignment = this.said.findLast((message) => message.kind === 'assignment');
    if (!assignment) throw new Error('nothing was assigned');
    const { lease: of, term: by, version, vips } = assignment;
    this.agentSays({ kind: 'applied', ...applied('node-1', { lease: of, term: by, version, held: vips }) });
  }

  get isMaster(): boolean {
    return this.ports.gauges.get('controller_is_master') === 1;
  }

  messages(level: string): string[] {
    return this.ports.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
