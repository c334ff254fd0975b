/**
 * The management network fails as a whole for longer than every lease, and comes back. Hosts of pools that hold confirm
 * one another meanwhile: whoever was well all the time keeps its VIPs, and soon after has its lease from every controller.
 */
import type { VipAddress } from '../../core/ids.ts';
import { leaseKey } from '../../core/lease-name.ts';
import { promiseMs } from '../../core/timing.ts';
import type { Action } from './actions.ts';
import { Episodes } from './episodes.ts';
import type { Fault } from './faults.ts';
import { linkFault } from './link-faults.ts';
import type { SeededRandom } from './random.ts';
import type { Setup } from './setup.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimController } from './sim-controller.ts';
import type { World } from './world.ts';

const LOOK_MS = 5;
/** Longest time in which a stream is open again. */
const RECONNECT_MS = 800;
/** What followed from the fault before is over, VIPs that were called home included. */
const CALM_AGAIN_MS = 2_500;

/** A stream, an election, and heartbeats: the one that is refused, the one after the restoration, and some that are lost. */
const healedMs = ({ timing }: Setup): number => RECONNECT_MS + promiseMs(timing) + 4 * timing.heartbeatMs;

export function drawBlackouts(random: SeededRandom, setup: Setup, from: number, until: number): Action[] {
  const episodes = new Episodes(random, setup, until);
  for (let at = from + setup.failbackDelayMs; at < until - 3_000;) {
    const end = at + episodes.share(2.5, 6);
    episodes.add('blackout', at, end - at, episodes.everybody, episodes.everybody, 1);
    const mended = end + healedMs(setup) + episodes.share(0.5, 2);
    const away = at + random.fraction() * (end - at);
    if (random.chance(0.5)) episodes.add('power', away, mended - away, episodes.host());
    else if (random.chance(0.3)) episodes.add('killController', away, mended - away, random.between(0, 2));
    at = mended + setup.failbackDelayMs + CALM_AGAIN_MS;
  }
  return episodes.sorted();
}

/** A process that has run since the network failed. */
interface Witness<Process> {
  readonly process: Process;
  readonly life: number;
}

interface Holder extends Witness<SimAgent> {
  readonly vips: readonly VipAddress[];
}

export function blackout(world: World, action: Action): Fault {
  const { begin, end, concern } = linkFault(world, 'cut', action);
  const isWell = ({ process, life }: Witness<SimAgent | SimController>): boolean => process.life === life;
  let holders: readonly Holder[] = [];
  let isLed = false;
  let witnesses: readonly Witness<SimAgent>[] = [];
  let controllers: readonly Witness<SimController>[] = [];
  let healedAt = Number.POSITIVE_INFINITY;
  const look = (until: number): void => {
    // Peers that have their leases confirm nothing more: without a master for so long nobody can go on.
    const healedForMs = world.timeline.now - healedAt;
    isLed ||= healedForMs > 0 && world.controllers.some(({ leads }) => leads);
    if (!isLed && healedForMs > world.setup.timing.leaseMs / 2) holders = [];
    holders = holders.filter((holder) => isWell(holder) && isConfirmed(holder, witnesses.filter(isWell)));
    for (const { process, vips } of holders) {
      const lost = vips.filter((vip) => !process.kernel.answers(vip));
      if (lost.length > 0)
        world.checks.fail('S8', `${process.name} let ${lost.join(', ')} go, although all that failed is the network`);
    }
    const { timeline } = world;
    if (timeline.now < until) timeline.plan(timeline.now + LOOK_MS, () => look(until));
    else if (Number.isFinite(until)) expectLeases(world, holders, controllers.filter(isWell));
  };
  return {
    concern,
    begin: () => {
      witnesses = world.agents.map((process) => ({ process, life: process.life }));
      holders = witnesses.flatMap(({ process, life }) => (mayHoldOn(process) ? holderOf(process, life) : []));
      controllers = world.controllers.map((process) => ({ process, life: process.life }));
      begin();
      const during = (): void => {
        if (world.timeline.now >= healedAt) return;
        look(Number.NEGATIVE_INFINITY);
        world.timeline.plan(world.timeline.now + LOOK_MS, during);
      };
      during();
    },
    end: () => {
      healedAt = world.timeline.now;
      end?.();
      look(healedAt + healedMs(world.setup));
    },
  };
}

const holderOf = (process: SimAgent, life: number): Holder => ({ process, life, vips: process.kernel.vips() });

/** It has what it was given, and a majority of the controllers knows that it may go on with it. */
const mayHoldOn = ({ state, isLeased, kernel }: SimAgent): boolean =>
  isLeased &&
  state !== undefined &&
  state.hold.declared &&
  kernel.size > 0 &&
  kernel.size === state.assignment?.vips.length;

/** A master that still had one host to ask may have had others barred there, in its last moments: that host never confirms them. */
function isConfirmed({ process: holder }: Holder, witnesses: readonly Witness<SimAgent>[]): boolean {
  const { node, state } = holder;
  if (!state) return false;
  const key = leaseKey(node, state.lease);
  const able = witnesses.filter(({ process }) => process.state?.witness.bars.get(key)?.active !== true);
  const sizes = state.assignment?.holdPools.map(({ members }) => members.length) ?? [];
  return able.length * 2 > Math.max(...sizes);
}

function expectLeases(
  { checks, setup }: World,
  holders: readonly Holder[],
  controllers: readonly Witness<SimController>[],
): void {
  for (const { process: agent } of holders) {
    if (!agent.isLeased) checks.fail('S8', `${agent.name} has held on, and has no lease yet`);
    const oldest = agent.clock.now() - 4 * setup.timing.heartbeatMs;
    const missing = controllers.filter(({ process }) => (agent.state?.ackedAt.get(process.id) ?? 0) < oldest);
    if (missing.length > 0) {
      const names = missing.map(({ process }) => process.name).join();
      checks.fail('S8', `${agent.name} has its lease back, and ${names} does not acknowledge it`);
    }
  }
}
