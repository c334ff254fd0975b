/** Processes that somebody starts with the wrong words: other controllers than those on record, the name of another host. */
import type { ElectorateMember } from '../../core/electorate.ts';
import type { Action } from './actions.ts';
import type { Concern } from './calm.ts';
import { includes } from './links.ts';
import type { World } from './world.ts';

interface Misconfiguration {
  readonly concern: Concern;
  readonly begin: () => void;
  readonly end: () => void;
}

/** `a`: a controller, or after those an agent; `b`: bit mask of the controllers that it is told of. */
export function otherElectorate({ controllers, agents, wanted }: World, { a, b }: Action): Misconfiguration {
  const wrong = wanted.filter((_, index) => includes(b, index));
  const index = a % (controllers.length + agents.length);
  const process = controllers[index] ?? agents[index - controllers.length];
  const restart = (configured: readonly ElectorateMember[] | undefined): void => {
    if (!process) return;
    process.kill();
    process.configured = configured;
    process.start();
  };
  return {
    concern: index < controllers.length ? { controllers: [index] } : { hosts: [index - controllers.length] },
    begin: () => restart(wrong),
    end: () => restart(undefined),
  };
}

/** Agent `a` goes by the name of host `b`, whose own agent goes on. */
export function twin({ agents }: World, a: number, b: number): Misconfiguration {
  const agent = agents[a];
  const restart = (name: string | undefined): void => {
    agent?.kill();
    if (agent) agent.assumedName = name;
    // What it wrote down is another node's.
    agent?.start(true);
  };
  return {
    concern: { hosts: [a, b] },
    begin: () => restart(agents[b]?.node),
    end: () => restart(undefined),
  };
}
