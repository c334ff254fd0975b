/** What goes wrong between machines. */
import type { Action } from './actions.ts';
import type { Concern } from './calm.ts';
import type { Fault } from './faults.ts';
import { includes, type Link, type Machines, type NetworkName, union } from './links.ts';
import { controllerMachine } from './setup.ts';
import type { SimController } from './sim-controller.ts';
import type { World } from './world.ts';

const NETWORKS_OF: readonly (readonly NetworkName[])[] = [[], ['management'], ['service'], ['management', 'service']];

export function linkFault(world: World, kind: 'cut' | 'lossy' | 'slow', { a, b, c, ms }: Action): Fault {
  const networks = kind === 'cut' ? (NETWORKS_OF[c & 3] ?? []) : (['management'] as const);
  const links = networks.flatMap((network) => world.links.between(network, a, b));
  const concern = concernOf(world, a, b, networks);
  const change = (begin: (link: Link) => void): (() => void) => {
    return () => {
      for (const link of links) begin(link);
      world.sessions.linksChanged();
    };
  };
  const drop = (list: number[], value: number): void => void list.splice(list.indexOf(value), 1);
  switch (kind) {
    case 'lossy':
      return {
        concern,
        begin: change(({ losses }) => losses.push(c / 100)),
        end: change(({ losses }) => drop(losses, c / 100)),
      };
    case 'slow':
      return {
        concern,
        begin: change(({ delays }) => delays.push(c)),
        end: change(({ delays }) => drop(delays, c)),
        lingersMs: c,
      };
    case 'cut':
      world.trace?.('fault', describeCut(world, a, b), { networks, ms });
      return {
        concern,
        begin: change((link) => {
          if (link.blocked++ === 0) link.blockedSince = world.timeline.now;
        }),
        end: change((link) => {
          if (--link.blocked === 0) link.healedAt = world.timeline.now;
        }),
      };
  }
}

/** `a`: the controller; `b`: from the other controllers (1), from the hosts (2); `c`: both directions, or one of them. */
export function isolated(world: World, { machine }: SimController, action: Action): Fault {
  const own = 2 ** machine;
  const controllers = (action.b & 1) === 0 ? 0 : machinesOf(world.controllers);
  const hosts = (action.b & 2) === 0 ? 0 : machinesOf(world.agents);
  const others = (controllers | hosts) & ~own;
  const ways = [
    { ...action, a: own, b: others, c: 1 },
    { ...action, a: others, b: own, c: 1 },
  ];
  const faults = ways.filter((_, way) => action.c !== 2 - way).map((way) => linkFault(world, 'cut', way));
  return {
    concern: { pairs: faults.flatMap(({ concern }) => concern.pairs ?? []) },
    begin: () => faults.forEach(({ begin }) => begin()),
    end: () => faults.forEach(({ end }) => end?.()),
  };
}

/** Hosts that lose the service network, and pairs of host and controller that lose a direction of the management one. */
function concernOf(world: World, from: Machines, to: Machines, networks: readonly NetworkName[]): Concern {
  const hosts: number[] = [];
  const pairs: [number, number][] = [];
  for (const { machine } of world.agents) {
    if (networks.includes('service') && (includes(from, machine) || includes(to, machine))) hosts.push(machine);
    if (!networks.includes('management')) continue;
    for (const { index } of world.controllers) {
      const other = controllerMachine(world.setup, index);
      const touched =
        (includes(from, machine) && includes(to, other)) || (includes(to, machine) && includes(from, other));
      if (touched && machine !== other) pairs.push([machine, index]);
    }
  }
  return { hosts, pairs, onlyPairs: hosts.length === 0 && isBetweenHostsAndControllers(world, from, to) };
}

/** Of machines that are no both. */
function isBetweenHostsAndControllers({ agents, controllers }: World, from: Machines, to: Machines): boolean {
  const [hosts, others] = [machinesOf(agents), machinesOf(controllers)];
  const lie = (machines: Machines, within: Machines): boolean => (machines & ~within) === 0;
  const [onlyHosts, onlyControllers] = [hosts & ~others, others & ~hosts];
  return (lie(from, onlyHosts) && lie(to, onlyControllers)) || (lie(from, onlyControllers) && lie(to, onlyHosts));
}

const machinesOf = (processes: readonly { readonly machine: number }[]): Machines =>
  union(processes.map(({ machine }) => 2 ** machine));

function describeCut(world: World, from: Machines, to: Machines): string {
  const names = (mask: Machines): string => {
    const machines = Array.from({ length: world.links.count }, (_, machine) => machine).filter((machine) =>
      includes(mask, machine),
    );
    return machines.map((machine) => `m${machine + 1}`).join(',');
  };
  return `nothing passes from ${names(from)} to ${names(to)}`;
}
