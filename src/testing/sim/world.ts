/**
 * Controllers and agents - the real core - in one process, in virtual time, from one seed. After every event the world
 * checks that no VIP is on two hosts, except on hosts whose agent is dead: nothing but an agent can take an address
 * off a host yet.
 */
import { type ControllerId, nodeName, type PoolName, type VipAddress } from '../../core/ids.ts';
import type { NodeRecord, PoolManifest, SourceSnapshot } from '../../core/manifest.ts';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import type { StatusReport } from '../../core/controller/status-report.ts';
import { poolStatus } from '../../core/controller/pool-status.ts';
import type { Timing } from '../../core/timing.ts';
import { SeededRandom } from './random.ts';
import { SimController } from './sim-controller.ts';
import { SimHost } from './sim-host.ts';
import { SimStore } from './sim-store.ts';
import { Timeline } from './timeline.ts';

/** Mistakes that the checks of the world must find; they prove that the checks can fail. */
export interface PlantedBugs {
  /** Agents that count their lease as longer than the controllers wait. */
  readonly agentLeaseMs?: number;
  /** A store that gives the lock away when this share of a lease is over. */
  readonly storeEndsLeasesAfterShare?: number;
}

interface Session {
  readonly host: SimHost;
  readonly controller: SimController;
}

/** A dead connection is given up after so long. */
const KEEPALIVE_MS = 3_000;

export class World {
  readonly timeline = new Timeline();
  readonly random: SeededRandom;
  readonly store: SimStore;
  readonly timing: Timing = { heartbeatMs: 200, leaseMs: 1_000, marginMs: 100 };
  /** What the agents believe, which is the same unless a bug is planted. */
  readonly agentTiming: Timing;
  readonly controllers: readonly SimController[];
  readonly hosts: readonly SimHost[];
  readonly history: string[] = [];
  readonly #sessions = new Map<number, Session>();
  readonly #manifests = new Map<PoolName, PoolManifest>();
  #nodes: readonly NodeRecord[] = [];
  #sessionCount = 0;

  constructor(seed: number, sizes: { readonly controllers: number; readonly hosts: number }, bugs: PlantedBugs = {}) {
    this.random = new SeededRandom(seed);
    this.store = new SimStore(bugs.storeEndsLeasesAfterShare);
    this.agentTiming = { ...this.timing, leaseMs: bugs.agentLeaseMs ?? this.timing.leaseMs };
    this.controllers = Array.from({ length: sizes.controllers }, (_, i) => new SimController(this, `c${i + 1}`));
    this.hosts = Array.from({ length: sizes.hosts }, (_, i) => new SimHost(this, `node-${i + 1}`));
  }

  start(): void {
    for (const controller of this.controllers) controller.start();
    for (const host of this.hosts) host.startAgent();
    this.#expire();
  }

  run(forMs: number): void {
    this.timeline.runTo(this.timeline.now + forMs, () => this.#check());
  }

  trace(line: string): void {
    this.history.push(`${this.timeline.now.toFixed(0).padStart(7)} ${line}`);
  }

  apply(manifest: PoolManifest): void {
    this.#manifests.set(manifest.name, { ...manifest, status: this.#manifests.get(manifest.name)?.status });
    this.#tellSnapshot();
  }

  snapshot(): SourceSnapshot {
    return { pools: [...this.#manifests.values()], nodes: this.#nodes, problems: [], complete: true };
  }

  /** Every controller sees the status that the master writes, as with a real source. */
  published(report: StatusReport): void {
    const before = JSON.stringify(this.snapshot());
    for (const [name, item] of report.pools) {
      const manifest = this.#manifests.get(name);
      if (!manifest) continue;
      const status = poolStatus(item, manifest.status, '2026-01-01T00:00:00Z');
      this.#manifests.set(name, { ...manifest, status });
    }
    this.#nodes = [...report.nodes.values()].map(({ name, entry }) => ({
      name: nodeName(name),
      status: { phase: 'Healthy' as const, labels: entry?.labels ?? {} },
    }));
    if (JSON.stringify(this.snapshot()) !== before) this.#tellSnapshot();
  }

  finalized(pool: PoolName): void {
    this.#manifests.delete(pool);
    this.#tellSnapshot();
  }

  holders(vip: VipAddress): SimHost[] {
    return this.hosts.filter((host) => host.powered && host.kernel.has(vip));
  }

  agentStarted(host: SimHost): void {
    for (const controller of this.controllers) this.#connect(host, controller);
  }

  agentDied(host: SimHost): void {
    for (const [id, session] of this.#sessions) if (session.host === host) this.#close(id, session, host.powered);
  }

  controllerStarted(controller: SimController): void {
    for (const host of this.hosts) if (host.up) this.#connect(host, controller);
  }

  controllerDied(controller: SimController): void {
    for (const [id, session] of this.#sessions) {
      if (session.controller !== controller) continue;
      this.#close(id, session, true);
    }
  }

  toController(host: SimHost, controller: ControllerId, message: AgentMessage): void {
    for (const [id, session] of this.#sessions) {
      if (session.host !== host || session.controller.id !== controller) continue;
      this.#deliver(id, () => session.controller.event({ kind: 'agent', session: id, message }));
    }
  }

  toAgent(id: number, message: ControllerMessage): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    const event =
      message.kind === 'ack'
        ? { ...message, controller: session.controller.id }
        : { kind: 'assignment' as const, assignment: message };
    this.#deliver(id, () => session.host.event(event));
  }

  /** The host's management network goes dead without a word: streams stay open until somebody gives up on them. */
  cut(host: SimHost): void {
    host.cut = true;
    for (const [id, session] of this.#sessions) {
      if (session.host !== host) continue;
      this.timeline.plan(this.timeline.now + KEEPALIVE_MS, () => {
        if (this.#sessions.has(id)) this.#close(id, session, true);
      });
    }
  }

  join(host: SimHost): void {
    host.cut = false;
    if (!host.up) return;
    // What was on its way is lost, and with it the stream.
    for (const [id, session] of this.#sessions) if (session.host === host) this.#close(id, session, true);
    this.agentStarted(host);
  }

  /** In order within a stream: every message of a session takes the same 2 ms; different sessions differ in when they connect. */
  #deliver(id: number, run: () => void): void {
    this.timeline.plan(this.timeline.now + 2, () => {
      const session = this.#sessions.get(id);
      if (session && !session.host.cut) run();
    });
  }

  #connect(host: SimHost, controller: SimController): void {
    this.timeline.plan(this.timeline.now + this.random.between(5, 300), () => {
      if (!host.up || host.cut || !controller.up) return;
      const known = [...this.#sessions.values()].some((item) => item.host === host && item.controller === controller);
      if (known) return;
      this.#sessions.set(++this.#sessionCount, { host, controller });
      host.event({ kind: 'connected', controller: controller.id });
    });
  }

  /** A dead host says nothing; only a live one's kernel closes its streams. */
  #close(id: number, session: Session, noticed: boolean): void {
    this.#sessions.delete(id);
    if (noticed) session.controller.event({ kind: 'session-closed', session: id });
    session.host.event({ kind: 'disconnected', controller: session.controller.id });
  }

  #tellSnapshot(): void {
    const snapshot = this.snapshot();
    for (const controller of this.controllers) {
      this.timeline.plan(this.timeline.now + this.random.between(1, 20), () =>
        controller.event({ kind: 'snapshot', snapshot }),
      );
    }
  }

  #expire(): void {
    this.timeline.plan(this.timeline.now + 500, () => {
      if (!this.store.away && this.store.expire(this.timeline.now)) {
        for (const controller of this.controllers)
          controller.event({ kind: 'election', event: { kind: 'store-changed' } });
      }
      this.#expire();
    });
  }

  #check(): void {
    const owner = new Map<VipAddress, SimHost>();
    for (const host of this.hosts) {
      if (!host.powered || !host.up) continue;
      for (const vip of host.kernel.keys()) {
        const other = owner.get(vip);
        if (other)
          throw new Error(
            `${vip} on ${other.node} and ${host.node} at ${this.timeline.now}\n${this.history.slice(-60).join('\n')}`,
          );
        owner.set(vip, host);
      }
    }
    const leaders = this.controllers.filter((controller) => controller.leads);
    if (leaders.length > 1)
      throw new Error(`two masters at ${this.timeline.now}\n${this.history.slice(-60).join('\n')}`);
  }
}
