import { agentWakeAt, stepAgent } from '../../core/agent/agent.ts';
import type { AgentMemory, BoundAddress } from '../../core/agent/agent-memory.ts';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  initialAgent,
} from '../../core/agent/agent-state.ts';
import { epoch, incarnation, type NodeName, nodeName, type VipAddress } from '../../core/ids.ts';
import { parseCidr } from '../../core/ip.ts';
import type { InterfaceState } from '../../core/messages.ts';
import { monotonic } from '../../core/time.ts';
import type { World } from './world.ts';

/** One host: a kernel with addresses, and an agent process (the real core) that may die while the kernel goes on. */
export class SimHost {
  readonly node: NodeName;
  /** What answers on the wire. */
  readonly kernel = new Map<VipAddress, BoundAddress>();
  powered = true;
  carrier = true;
  /** Its management network carries nothing. */
  cut = false;
  #startedAt = 0;
  #boot = 1;
  #memory: AgentMemory | undefined;
  #state: AgentState | undefined;
  #config: AgentConfig | undefined;
  readonly #world: World;
  #cancelTimer: (() => void) | undefined;

  constructor(world: World, name: string) {
    this.#world = world;
    this.node = nodeName(name);
  }

  get up(): boolean {
    return this.#state !== undefined;
  }

  get upForMs(): number {
    return this.#world.timeline.now - this.#startedAt;
  }

  interfaces(): InterfaceState[] {
    return [{ name: 's0', mac: '02:00:00:00:00:01', carrier: this.carrier, addresses: ['192.0.2.250/24'] }];
  }

  startAgent(): void {
    if (!this.powered || this.#state) return;
    this.#config = {
      node: this.node,
      machineId: this.node,
      bootId: `boot-${this.#boot}`,
      labels: {},
      agentVersion: 'sim',
      controllers: this.#world.controllers.map((controller) => controller.id),
      interfaces: ['s0'],
      allowedAddresses: [parseCidr('192.0.2.0/24')].flatMap((subnet) => subnet ?? []),
      timing: this.#world.agentTiming,
      addressLifetimeMs: 30_000,
    };
    this.#startedAt = this.#world.timeline.now;
    this.#state = initialAgent({ incarnation: incarnation(''), epoch: epoch(0) });
    this.event({
      kind: 'start',
      memory: this.#memory,
      marked: [...this.kernel.values()],
      interfaces: this.interfaces(),
      incarnation: incarnation(this.#world.random.hex(4)),
    });
    this.#world.agentStarted(this);
  }

  /** SIGKILL: the kernel keeps the addresses. */
  killAgent(): void {
    this.#state = undefined;
    this.#cancelTimer?.();
    this.#world.agentDied(this);
  }

  powerOff(): void {
    this.powered = false;
    this.kernel.clear();
    this.killAgent();
  }

  powerOn(): void {
    this.powered = true;
    this.#boot++;
    this.startAgent();
  }

  event(event: AgentEvent): void {
    if (!this.#state || !this.#config) return;
    const [state, effects] = stepAgent(this.#state, event, monotonic(this.#world.timeline.now), this.#config);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    this.#cancelTimer?.();
    if (!this.#state) return;
    const wakeAt = agentWakeAt(this.#state);
    if (Number.isFinite(wakeAt))
      this.#cancelTimer = this.#world.timeline.plan(wakeAt, () => this.event({ kind: 'tick' }));
  }

  #run(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#world.toController(this, effect.controller, effect.message);
      case 'save':
        this.#memory = effect.memory;
        return undefined;
      case 'save-lease':
        if (this.#memory) this.#memory = { ...this.#memory, leaseValidUntil: effect.validUntil };
        return undefined;
      case 'change':
        for (const { vip } of effect.remove) this.kernel.delete(vip);
        for (const address of effect.put) this.kernel.set(address.vip, address);
        return this.event({ kind: 'observed', marked: [...this.kernel.values()], errors: [] });
      case 'announce':
        return undefined;
      case 'log':
        return this.#world.trace(`${this.node} ${effect.message} ${JSON.stringify(effect.fields)}`);
    }
  }
}
