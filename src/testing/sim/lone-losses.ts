/**
 * S4 by the product's own bound: where nothing else is or was wrong, and then one host alone is lost that is not the
 * master's, each VIP that it held is answered elsewhere within what is promised for a lost host. `Outages` judges all the
 * rest by a looser bound.
 */
import { TAKEOVER_BOUNDS_MS } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { includes, LONGEST_QUEUE_MS, type Machines } from './links.ts';
import { controllerMachine, machinesOf, type Setup } from './setup.ts';
import type { SimKernel } from './sim-kernel.ts';
import type { World } from './world.ts';

/**
 * The last heartbeat, another controller's report and the assignment follow one another, and each of them may meet a long
 * queue. The bound has room for one of these, for usual delays and for timers that are 0.4 ms late.
 */
const QUEUES_MS = 2 * LONGEST_QUEUE_MS;

export class LoneLosses {
  /** How many were judged: of hosts that held something. */
  judged = 0;
  /** Messages that came a second time, long after the first one: a lost host seems to live a little longer. */
  #echoes = 0;
  readonly #world: World;
  readonly #boundMs: number;

  constructor(world: World) {
    this.#world = world;
    this.#boundMs = TAKEOVER_BOUNDS_MS[world.setup.profile] + QUEUES_MS;
  }

  echoed(): void {
    this.#echoes++;
  }

  /** To be asked before the action counts as trouble; what it gives is to be called at the moment when it strikes. */
  expect(action: Action): (() => void) | undefined {
    const { calm, setup, kernels } = this.#world;
    const lost = kernels[lostHost(setup, action) ?? kernels.length];
    if (!lost || !calm.isUndisturbed) return undefined;
    const changes = calm.changes + 1;
    return () => {
      if (calm.changes === changes && this.#isPlain(lost)) this.#follow(lost, action.kind, changes);
    };
  }

  /** Nothing but leases decides where VIPs go, and who decides was not on that host. */
  #isPlain({ index }: SimKernel): boolean {
    const { controllers, setup, source } = this.#world;
    const masters = controllers.filter(({ leads }) => leads);
    const hasWishes = setup.pools.some(({ name }) => {
      const { health, placement } = source.specOf(name);
      return (health as { readonly checks?: unknown }).checks !== undefined || placement !== undefined;
    });
    return setup.hasRules !== true && !hasWishes && masters.length === 1 && masters[0]?.machine !== index;
  }

  #follow(lost: SimKernel, what: string, changes: number): void {
    const { timeline, calm, checks } = this.#world;
    const vips = lost.vips().filter((vip) => lost.answers(vip));
    if (vips.length === 0) return;
    const echoes = this.#echoes;
    timeline.plan(timeline.now + this.#boundMs, () => {
      // Somebody else is in trouble as well, or the host is back, or seems to be.
      if (calm.changes !== changes || this.#echoes !== echoes) return;
      this.judged++;
      const silent = vips.filter((vip) => !checks.holders(vip).some((kernel) => kernel !== lost));
      if (silent.length === 0) return;
      const since = `${this.#boundMs} ms after ${what} of ${lost.node}`;
      checks.fail('S4', `nobody else answers for ${silent.join(', ')} ${since}, and nothing else was wrong`);
    });
  }
}

/** The only host that the action takes away as a whole. */
function lostHost(setup: Setup, { kind, a, b, c }: Action): number | undefined {
  if (kind === 'killAgent' || kind === 'freezeAgent') return a % setup.hosts;
  if (kind === 'cut') return (c & 1) === 0 ? undefined : cutOff(setup, a, b);
  const machine = a % machinesOf(setup);
  return kind === 'power' && machine < setup.hosts ? machine : undefined;
}

/** The host that hears no controller on another machine, or is heard by none; nobody else misses anybody. */
function cutOff(setup: Setup, from: Machines, to: Machines): number | undefined {
  const controllers = Array.from({ length: setup.controllers }, (_, index) => controllerMachine(setup, index));
  for (let host = 0; host < setup.hosts; host++) {
    const own = 2 ** host;
    const others = controllers.filter((machine) => machine !== host);
    const isWhole = (mask: Machines): boolean => others.every((machine) => includes(mask, machine));
    // A machine always reaches itself: between this one alone and others, nothing else is cut.
    if (from === own && isWhole(to)) return host;
    if (to === own && isWhole(from)) return host;
  }
  return undefined;
}
