/**
 * Who was left alone by faults, and for how long: only there a VIP must not move. A host is calm when no fault concerns
 * it and, as far as it can see, at most a minority of the controllers.
 */
import { byVotes, type Electorate, isMember, quorumOf } from '../../core/electorate.ts';
import { controllerId } from '../../core/ids.ts';
import { abstentionMs, revokeAfterMs } from '../../core/timing.ts';
import type { Setup } from './setup.ts';

/** A host that was ill is held off, and then called home to; all of that is over after so long. */
const ILL_SETTLE_MS = 10_000;
/** Connecting again, at most. */
const RECONNECT_MS = 700;

class Trouble {
  active = 0;
  endedAt = Number.NEGATIVE_INFINITY;
}

/** What one fault concerns. */
export interface Concern {
  readonly hosts?: readonly number[];
  /** Hosts whose services are ill, or that an administrator keeps VIPs from; they are well in all else. */
  readonly ill?: readonly number[];
  readonly controllers?: readonly number[];
  /** Controllers that a host has trouble to reach. */
  readonly pairs?: readonly (readonly [host: number, controller: number])[];
  /** It concerns nobody else than these. */
  readonly onlyPairs?: boolean;
  readonly store?: boolean;
  /** What is wanted has changed. */
  readonly config?: boolean;
}

/** What is true of the controllers now. */
export interface CalmWorld {
  readonly now: () => number;
  readonly electorate: () => Electorate;
  /** Whether this one does not know yet which controllers there are. */
  readonly isAtLoss: (controller: number) => boolean;
}

export class Calm {
  readonly #world: CalmWorld;
  readonly #now: () => number;
  readonly #setup: Setup;
  readonly #hosts: Trouble[];
  readonly #ill: Trouble[];
  readonly #controllers: Trouble[];
  readonly #pairs: Trouble[];
  readonly #store = new Trouble();
  readonly #config = new Trouble();
  readonly #any = new Trouble();
  readonly #hostSettleMs: number;
  readonly #controllerSettleMs: number;
  /** How often something began or ended. */
  changes = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  #electedAt = Number.NEGATIVE_INFINITY;
  /** Faults that go on and concern more than single hosts, and than pairs of host and controller. */
  #unsettling = 0;

  constructor(setup: Setup, world: CalmWorld) {
    this.#setup = setup;
    this.#world = world;
    this.#now = world.now;
    const make = (count: number): Trouble[] => Array.from({ length: count }, () => new Trouble());
    this.#hosts = make(setup.hosts);
    this.#ill = make(setup.hosts);
    this.#controllers = make(setup.controllers);
    this.#pairs = make(setup.hosts * setup.controllers);
    this.#hostSettleMs = 2 * revokeAfterMs(setup.timing) + 2 * RECONNECT_MS;
    this.#controllerSettleMs = abstentionMs(setup.timing) + RECONNECT_MS + 2 * setup.timing.heartbeatMs;
  }

  begin(concern: Concern): void {
    this.#changed();
    if (isUnsettling(concern)) this.#unsettling++;
    for (const trouble of this.#of(concern)) trouble.active++;
  }

  end(concern: Concern): void {
    this.#changed();
    if (isUnsettling(concern)) this.#unsettling--;
    for (const trouble of this.#of(concern)) {
      trouble.active--;
      trouble.endedAt = this.#now();
    }
  }

  #changed(): void {
    this.changes++;
    this.#changedAt = this.#now();
  }

  /** Nothing at all was wrong for so long that nobody feels it any more, the master included. */
  get isUndisturbed(): boolean {
    return this.#over(this.#any, this.#hostSettleMs) && this.#now() - this.#electedAt > this.#hostSettleMs;
  }

  /** Nothing has concerned the host for long enough that its VIPs have no reason to go. */
  isCalm(host: number): boolean {
    return this.#over(this.#ill[host], ILL_SETTLE_MS) && this.isSound(host);
  }

  /** The controller has learnt only now which controllers there are. */
  came(controller: number): void {
    for (const trouble of this.#controllers.slice(controller, controller + 1)) trouble.endedAt = this.#now();
  }

  elected(): void {
    this.#electedAt = this.#now();
  }

  /** A new master has to hear of every host before it moves anything: the master is no new one, or nobody keeps it waiting. */
  isReignSettled(forMs: number): boolean {
    return this.#now() - this.#electedAt > forMs || this.#hosts.every((_, host) => this.isSound(host));
  }

  /** No controller was in trouble for so long. */
  areControllersCalm(forMs: number): boolean {
    return this.#controllers.every((trouble) => this.#over(trouble, forMs));
  }

  /** The same, whatever its checks say. */
  isSound(host: number): boolean {
    return this.#over(this.#hosts[host], this.#hostSettleMs) && this.#isLed(host);
  }

  #isLed(host: number): boolean {
    const { controllers } = this.#setup;
    const electorate = this.#world.electorate();
    const voting = byVotes(electorate);
    if (!voting && !this.#over(this.#store, 2 * this.#controllerSettleMs + 4_000)) return false;
    let troubled = 0;
    for (let index = 0; index < controllers; index++) {
      if (!isMember(electorate, controllerId(`c${index + 1}`))) continue;
      const calm =
        !this.#world.isAtLoss(index) &&
        this.#over(this.#controllers[index], this.#controllerSettleMs) &&
        this.#over(this.#pairs[host * controllers + index], this.#controllerSettleMs);
      if (!calm) troubled++;
    }
    return voting ? troubled <= electorate.members.length - quorumOf(electorate) : troubled === 0;
  }

  configChangedWithin(ms: number): boolean {
    return !this.#over(this.#config, ms);
  }

  /** Whether the host has a reason to be given VIPs that others hold: it was away. */
  mayBeGiven(host: number, withinMs: number): boolean {
    const everAway = [this.#hosts[host], this.#ill[host]].some(
      (trouble) => trouble !== undefined && (trouble.active > 0 || Number.isFinite(trouble.endedAt)),
    );
    return everAway && !this.#over(this.#any, withinMs);
  }

  /** Nothing began or ended for so long, and all that goes on meanwhile is the matter of single hosts. */
  isQuiet(forMs: number): boolean {
    return this.#unsettling === 0 && this.#now() - this.#changedAt > forMs;
  }

  get isAnyPairTroubled(): boolean {
    return this.#pairs.some(({ active }) => active > 0);
  }

  /** Whether some controller that is well has no trouble with any of these hosts. */
  isAnyReachedByAll(hosts: readonly number[]): boolean {
    const { controllers } = this.#setup;
    return this.#controllers.some(
      (trouble, index) =>
        this.#over(trouble, this.#controllerSettleMs) &&
        hosts.every((host) => this.#over(this.#pairs[host * controllers + index], this.#controllerSettleMs)),
    );
  }

  /** Whether one fault alone is this host's, and it has a majority of the controllers and somebody who is well. */
  canHandOver(host: number): boolean {
    const own = this.#hosts[host];
    const isOnly = own?.active === 1 && this.#now() - own.endedAt > this.#hostSettleMs;
    return isOnly && this.#isLed(host) && this.#hosts.some((_, index) => index !== host && this.isCalm(index));
  }

  #over(trouble: Trouble | undefined, settleMs: number): boolean {
    return trouble !== undefined && trouble.active === 0 && this.#now() - trouble.endedAt > settleMs;
  }

  *#of({ hosts, ill, controllers, pairs, store, config }: Concern): Iterable<Trouble> {
    yield this.#any;
    for (const host of hosts ?? []) yield* this.#hosts.slice(host, host + 1);
    for (const host of ill ?? []) yield* this.#ill.slice(host, host + 1);
    for (const index of controllers ?? []) yield* this.#controllers.slice(index, index + 1);
    for (const [host, index] of pairs ?? []) {
      const at = host * this.#setup.controllers + index;
      yield* this.#pairs.slice(at, at + 1);
    }
    if (store === true) yield this.#store;
    if (config === true) yield this.#config;
  }
}

const isUnsettling = ({ hosts = [], ill = [], config = false, onlyPairs = false }: Concern): boolean =>
  hosts.length + ill.length === 0 && !config && !onlyPairs;
