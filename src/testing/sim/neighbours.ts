/** Questions of hosts to each other on the service network, and the answers of kernels. There is no gateway. */
import type { Questions } from '../../core/agent/agent-state.ts';
import { includes } from './links.ts';
import type { SimAgent } from './sim-agent.ts';
import { INTERFACE } from './sim-kernel.ts';
import type { World } from './world.ts';

/** @returns who was asked */
export function askNeighbours(world: World, from: SimAgent, questions: readonly Questions[]): readonly Questions[] {
  const { kernel: own } = from;
  if (own.carrierLost > 0) return [];
  for (const address of questions.flatMap(({ addresses }) => addresses)) {
    const other = world.kernels.find((kernel) => kernel.ownAddress === address);
    if (!other || includes(world.setup.filtering, other.index)) continue;
    frame(world, own.index, other.index, () => {
      if (!other.powered || other.carrierLost > 0) return;
      frame(world, other.index, own.index, () => {
        if (own.carrierLost === 0) from.deliver({ kind: 'neighbour-answered', interface: INTERFACE, address });
      });
    });
  }
  return questions;
}

/** On one link: lost or not, and never a second time a second later. */
function frame({ links, timeline }: World, from: number, to: number, arrive: () => void): void {
  const delay = links.passes('service', from, to) ? links.transit('service', from, to, false) : undefined;
  if (delay !== undefined) timeline.plan(timeline.now + delay, arrive);
}
