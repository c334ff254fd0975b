/** What must hold after every event (failure model: The promise). */
import type { AgentState } from '../../core/agent/agent-state.ts';
import type { VipAddress } from '../../core/ids.ts';
import type { ControllerEffect } from '../../core/controller/controller-state.ts';
import { compareTerms, formatTerm, type Term } from '../../core/term.ts';
import type { FenceClass } from '../../ports/fence.ts';
import type { Calm } from './calm.ts';
import type { Setup } from './setup.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimController } from './sim-controller.ts';
import type { KernelWatch, SimKernel } from './sim-kernel.ts';
import type { Takeovers } from './takeovers.ts';
import { type Invariant, Violation } from './violation.ts';

/** What follows from a change of pools, or from a node that is back, is done within this time. */
const CONSEQUENCES_MS = 5_000;

/** So long a host that a stranger kept from binding a VIP is not asked again. */
export const REFUSED_MS = 10_000;

/** Longest hold-off of a simulated pool with checks, and of one without. */
export const HELD_OFF_MS = 4_000;
export const PLAIN_HELD_OFF_MS = 2_000;

interface Departure {
  readonly from: SimKernel;
  readonly calm: boolean;
}

export interface ChecksWorld {
  readonly now: () => number;
  readonly setup: Setup;
  readonly calm: Calm;
  readonly controllers: readonly SimController[];
  readonly kernels: () => readonly SimKernel[];
  readonly takeovers: Takeovers;
  /** No probe gets or got through between two of them, and all but one go on without a lease as far as anybody could know. */
  readonly areApart: (holders: readonly SimKernel[], vip: VipAddress) => boolean;
}

export class Checks implements KernelWatch {
  readonly #world: ChecksWorld;
  readonly #bound = new Map<VipAddress, SimKernel[]>();
  /** VIPs that are on several interfaces, where alone two hosts can answer; and whether that is the known price of `Hold`. */
  readonly #contested = new Map<VipAddress, boolean>();
  /** "vip host" -> when it came there last. */
  readonly #boundAt = new Map<string, number>();
  /** "vip host" -> when the host could not bind it last. */
  readonly #refusedAt = new Map<string, number>();
  readonly #departures = new Map<VipAddress, Departure>();
  readonly #reigns = new Map<string, SimController>();
  readonly #lastReign = new Map<SimController, Term>();
  /** How often addresses or masters changed: what a doubled message must not do. */
  mutations = 0;
  /** Instants at which two hosts answered where `Hold` says that it may happen. */
  namedPartitions = 0;

  constructor(world: ChecksWorld) {
    this.#world = world;
  }

  fail(invariant: Invariant, message: string): never {
    throw new Violation(invariant, this.#world.now(), message);
  }

  bound(kernel: SimKernel, vip: VipAddress): void {
    this.mutations++;
    const list = this.#bound.get(vip) ?? [];
    this.#bound.set(vip, list);
    list.push(kernel);
    this.#boundAt.set(`${vip} ${kernel.index}`, this.#world.now());
    const holders = list.map(({ node }) => node);
    if (list.length > 1) this.#contested.set(vip, this.#world.takeovers.isNamed(vip, holders));
    this.#arrived(kernel, vip);
  }

  unbound(kernel: SimKernel, vip: VipAddress): void {
    this.mutations++;
    const list = this.#bound.get(vip) ?? [];
    list.splice(list.indexOf(kernel), 1);
    if (list.length < 2) this.#contested.delete(vip);
    this.#departures.set(vip, { from: kernel, calm: this.#world.calm.isCalm(kernel.index) });
  }

  refused(kernel: SimKernel, vip: VipAddress): void {
    this.#refusedAt.set(`${vip} ${kernel.index}`, this.#world.now());
  }

  hasRefusedWithin(ms: number): boolean {
    return [...this.#refusedAt.values()].some((at) => this.#world.now() - at < ms);
  }

  /** Nobody is waited for any longer: what is held now was not handed over. */
  leaves({ index, node }: SimKernel, { bound }: AgentState): void {
    const { calm, setup } = this.#world;
    if (bound.size === 0 || setup.hasRules === true) return;
    const isSteady = calm.isReignSettled(2 * setup.timing.leaseMs) && !calm.configChangedWithin(CONSEQUENCES_MS);
    if (isSteady && calm.canHandOver(index))
      this.fail('S4', `${node} stops with ${[...bound.keys()].join(', ')}, which nobody was given`);
  }

  /** When the VIP came to the host last, however short it stayed. */
  boundAt(vip: VipAddress, host: number): number | undefined {
    return this.#boundAt.get(`${vip} ${host}`);
  }

  /** Hosts that answer for the VIP now. */
  holders(vip: VipAddress): SimKernel[] {
    return (this.#bound.get(vip) ?? []).filter((kernel) => kernel.answers(vip));
  }

  afterEvent(): void {
    if (this.#contested.size === 0) return;
    for (const [vip, named] of this.#contested) {
      const holders = this.holders(vip);
      if (holders.length < 2) continue;
      if (named && this.#world.areApart(holders, vip)) this.namedPartitions++;
      else this.fail('S1', `${holders.map(({ node }) => node).join(' and ')} answer for ${vip}`);
    }
  }

  controllerStepped(controller: SimController, effects: readonly ControllerEffect[]): void {
    // A reign may begin and end with one step, where the own node of the new master is ill.
    for (const effect of effects) if (effect.kind === 'elected') this.#reigning(controller, effect.term);
    if (!controller.leads) return;
    for (const other of this.#world.controllers) {
      if (other !== controller && other.leads) this.fail('S2', `${controller.name} and ${other.name} may act`);
    }
    if (controller.term) this.#reigning(controller, controller.term);
  }

  assignmentTaken(agent: SimAgent, before: AgentState, { assignment }: AgentState): void {
    if (!assignment) return;
    this.#world.takeovers.taken(agent.node, assignment);
    const { highestTerm } = before;
    if (highestTerm && compareTerms(assignment.term, highestTerm) < 0) {
      const seen = formatTerm(highestTerm);
      this.fail('S3', `${agent.name} obeys term ${formatTerm(assignment.term)} although it knows ${seen}`);
    }
    if (!this.#reigns.has(keyOf(assignment.term))) {
      this.fail('S3', `${agent.name} obeys term ${formatTerm(assignment.term)}, in which nobody could act`);
    }
  }

  /** A fence that had closed by itself while nothing was wrong was a flap. */
  fenceExtends(kernel: SimKernel, fenceClass: FenceClass): void {
    const { fence } = kernel;
    if (fence.isOpen(fenceClass) || !Number.isFinite(fence.endOf(fenceClass))) return;
    const vips = kernel.vips().filter((vip) => fence.classOf(vip) === fenceClass);
    if (vips.length > 0 && this.#steady(kernel)) {
      const ago = (kernel.clock.now() - fence.endOf(fenceClass)).toFixed(1);
      this.fail('S8', `${kernel.node} was silent for ${vips.join(', ')} for ${ago} ms, and nothing was wrong`);
    }
  }

  #steady(kernel: SimKernel): boolean {
    return (
      this.#world.setup.profile !== 'Turbo' &&
      this.#world.calm.isCalm(kernel.index) &&
      !this.#world.calm.configChangedWithin(CONSEQUENCES_MS)
    );
  }

  #mayBeGiven(vip: VipAddress, host: number): boolean {
    const { calm, setup, now } = this.#world;
    const heldOffMs = setup.pools.some(({ health }) => health !== undefined) ? HELD_OFF_MS : PLAIN_HELD_OFF_MS;
    const withinMs = setup.failbackDelayMs + CONSEQUENCES_MS;
    const refusedAt = this.#refusedAt.get(`${vip} ${host}`) ?? Number.NEGATIVE_INFINITY;
    return calm.mayBeGiven(host, withinMs + heldOffMs) || now() - refusedAt < REFUSED_MS + withinMs;
  }

  #arrived(kernel: SimKernel, vip: VipAddress): void {
    const last = this.#departures.get(vip);
    this.#departures.delete(vip);
    const { calm, setup } = this.#world;
    if (
      !last?.calm ||
      setup.hasRules === true ||
      setup.profile === 'Turbo' ||
      calm.configChangedWithin(CONSEQUENCES_MS)
    )
      return;
    if (last.from === kernel) {
      // It may have been on its way to a host that was away, and could not get there.
      const wanted = this.#world.kernels().some(({ index }) => index !== kernel.index && this.#mayBeGiven(vip, index));
      if (!wanted && calm.isCalm(kernel.index)) this.fail('S8', `${kernel.node} let ${vip} go and took it again`);
      return;
    }
    if (this.#mayBeGiven(vip, kernel.index)) return;
    this.fail('S5', `${vip} moved from ${last.from.node} to ${kernel.node}, and nothing was wrong with either`);
  }

  #reigning(controller: SimController, term: Term): void {
    if (this.#lastReign.get(controller) === term) return;
    this.mutations++;
    this.#lastReign.set(controller, term);
    const key = keyOf(term);
    const other = this.#reigns.get(key);
    if (other === controller) this.fail('S3', `${controller.name} is master of ${key} for the second time`);
    if (other) this.fail('S3', `${controller.name} and ${other.name} are masters of ${key}`);
    this.#reigns.set(key, controller);
  }
}

const keyOf = ({ number, instance }: Term): string => `${number} ${instance.id} ${instance.nonce}`;
