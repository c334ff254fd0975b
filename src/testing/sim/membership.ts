/** An administrator configures other controllers, as `helm upgrade` does: one process after the other starts anew. */
import type { Action } from './actions.ts';
import { includes } from './links.ts';
import { HEALED_MS } from './scenarios.ts';
import type { SimController } from './sim-controller.ts';
import type { World } from './world.ts';

/** A process is back after so long, and a little more for each number. */
const DOWN_MS = 40;
/** Who leaves looks so often whether it is let go. */
const LOOK_MS = 100;

/** `a`: bit mask of the controllers that shall be; `b`: ms between two restarts; `c`: 1: who goes leaves in order first. */
export function configureMembers(world: World, { a, b, c }: Action): void {
  const { timeline, controllers } = world;
  const wanted = controllers.filter(({ index }) => includes(a, index)).map(({ index }) => world.memberOf(index));
  world.wanted = wanted;
  world.rollOut = 'under way';
  const isWanted = ({ index }: SimController): boolean => includes(a, index);
  const rollOut = (): void => {
    // From the highest number down, and those that are new before all others.
    const order = [...controllers].reverse().sort((one, other) => rank(world, one) - rank(world, other));
    const restarted = order.filter((controller) => c !== 1 || isWanted(controller));
    for (const [turn, controller] of restarted.entries()) {
      timeline.plan(timeline.now + turn * b, () => {
        if (!isStill(world, wanted)) return;
        restart(world, controller);
        if (turn === restarted.length - 1) world.rollOut = 'done';
      });
    }
  };
  const leaving = controllers.filter((controller) => c === 1 && !isWanted(controller));
  for (const controller of leaving) controller.deliver({ kind: 'leave', wanted });
  endLeft(world, wanted, leaving, rollOut);
}

const rank = (world: World, controller: SimController): number => (world.counts(controller) ? 1 : 0);

/** Nobody has configured anything else meanwhile, and the time of changes is not over. */
const isStill = ({ wanted, timeline }: World, configured: World['wanted']): boolean =>
  wanted === configured && timeline.now < HEALED_MS;

function restart({ timeline, calm }: World, controller: SimController): void {
  const concern = { controllers: [controller.index] };
  calm.begin(concern);
  controller.kill();
  timeline.plan(timeline.now + DOWN_MS * (1 + controller.index), () => {
    controller.start();
    calm.end(concern);
  });
}

/** Who leaves ends when it is no part of the electorate any more, as far as it knows. */
function endLeft(world: World, wanted: World['wanted'], leaving: readonly SimController[], then: () => void): void {
  if (world.wanted !== wanted) return;
  const stays = leaving.filter(({ takesPart }) => takesPart);
  for (const controller of leaving) if (!stays.includes(controller)) controller.kill();
  if (stays.length === 0 && !isStill(world, wanted)) world.rollOut = 'broken off';
  else if (stays.length === 0) then();
  else world.timeline.plan(world.timeline.now + LOOK_MS, () => endLeft(world, wanted, stays, then));
}
