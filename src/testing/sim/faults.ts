/** What each kind of action does to the world, whom it concerns, and how it is mended. */
import { type Action, MASTER } from './actions.ts';
import type { Concern } from './calm.ts';
import { includes, type Link, type Machines, type NetworkName } from './links.ts';
import { controllerMachine } from './setup.ts';
import { otherElectorate, twin } from './misconfiguration.ts';
import { editPools } from './pool-edits.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimController } from './sim-controller.ts';
import type { Ambush } from './sim-process.ts';
import type { World } from './world.ts';

/** What is done, and what mends it. */
interface Fault {
  readonly concern: Concern;
  readonly begin: () => void;
  readonly end?: () => void;
  /** It strikes this process before so many of its next effects; at once where there is none. */
  readonly ambush?: {
    readonly process: SimAgent | SimController;
    readonly kind: Ambush['kind'];
    readonly effects: number;
  };
}

const NETWORKS_OF: readonly (readonly NetworkName[])[] = [[], ['management'], ['service'], ['management', 'service']];

/** Plans every action. Everything is mended by `healedAt`, also what would last longer. */
export function planFaults(world: World, actions: readonly Action[], healedAt: number): void {
  const { timeline } = world;
  for (const action of actions) {
    if (action.at < healedAt) timeline.plan(action.at, () => cause(world, action, healedAt));
  }
  timeline.plan(healedAt, () => {
    world.trace?.('fault', 'everything is mended');
    for (const process of [...world.agents, ...world.controllers]) {
      process.disarm();
      process.start();
    }
  });
}

function cause(world: World, action: Action, healedAt: number): void {
  const { timeline, calm } = world;
  const { kind, a, b, c, ms } = action;
  const fault = faultOf(world, action);
  calm.begin(fault.concern);
  let open = true;
  const mend = (at: number): void =>
    timeline.plan(Math.min(at, healedAt), () => {
      if (!open) return;
      open = false;
      if (fault.end) world.trace?.('fault', `${kind} ends`, { a });
      fault.end?.();
      calm.end(fault.concern);
    });
  const strike = (): void => {
    world.trace?.('fault', `${kind} begins`, { a, b, c, ms });
    fault.begin();
    mend(timeline.now + ms);
  };
  const { ambush } = fault;
  if (!ambush || ambush.effects === 0) return strike();
  ambush.process.layAmbush(ambush.kind, ambush.effects, strike);
  mend(healedAt);
}

function faultOf(world: World, action: Action): Fault {
  const { a, b, c, ms } = action;
  const agent = (): SimAgent => world.agents[a % world.agents.length] as SimAgent;
  const chosen = chosenController(world, a);
  const controller = (): SimController => chosen;
  const ofAgent: Concern = { hosts: [a % world.agents.length] };
  const ofController: Concern = { controllers: [chosen.index] };
  const { kind } = action;
  switch (kind) {
    case 'power':
      return power(world, a % world.links.count);
    case 'killAgent':
      return {
        concern: ofAgent,
        ambush: { process: agent(), kind: 'kill', effects: b },
        begin: () => agent().kill(),
        end: () => agent().start(c === 1),
      };
    case 'killController':
      return {
        concern: ofController,
        ambush: { process: controller(), kind: 'kill', effects: b },
        begin: () => controller().kill(c === 1),
        end: () => controller().start(),
      };
    case 'freezeAgent':
      return {
        concern: ofAgent,
        ambush: { process: agent(), kind: 'freeze', effects: b },
        ...frozen(world, agent(), ms),
      };
    case 'freezeController':
      return {
        concern: ofController,
        ambush: { process: controller(), kind: 'freeze', effects: b },
        ...frozen(world, controller(), ms),
      };
    case 'stopAgent':
      return {
        concern: ofAgent,
        begin: () => {
          agent().deliver({ kind: 'stop', mode: b === 1 ? 'keep' : 'handover' });
          world.timeline.plan(world.timeline.now + 5, () => agent().kill());
        },
        end: () => agent().start(),
      };
    case 'stopController':
      return {
        concern: ofController,
        begin: () => {
          controller().deliver({ kind: 'stop' });
          world.timeline.plan(world.timeline.now + 5, () => controller().kill());
        },
        end: () => controller().start(),
      };
    case 'resign':
      return { concern: {}, begin: () => controller().deliver({ kind: 'resign', reason: 'asked to' }) };
    case 'isolate':
      return isolated(world, chosen, action);
    case 'electorate':
      return otherElectorate(world, action);
    case 'twin':
      return twin(world, a % world.agents.length, b % world.agents.length);
    case 'cut':
    case 'lossy':
    case 'slow':
      return linkFault(world, kind, action);
    case 'storeDown':
      return {
        concern: { store: true },
        begin: () => void world.store.down++,
        end: () => {
          if (--world.store.down === 0) world.store.extendAll(world.timeline.now);
          world.storeChanged();
        },
      };
    case 'storeCut':
      return counters({ store: true }, world.storeCuts, a);
    case 'sourceDown':
    case 'sourceCut':
      return sourceFault(world, action);
    case 'carrier':
      return {
        concern: ofAgent,
        begin: () => carrier(agent(), 1),
        end: () => carrier(agent(), -1),
      };
    case 'loseAddress':
      return {
        concern: ofAgent,
        begin: () => {
          const vips = agent().kernel.vips();
          const vip = vips[b % Math.max(1, vips.length)];
          if (vip !== undefined) agent().loseAddress(vip);
        },
      };
    case 'addVip':
    case 'removeVip':
    case 'policy':
    case 'home':
      return { concern: { config: true }, begin: () => editPools(world, kind, action) };
  }
}

function chosenController({ controllers }: World, a: number): SimController {
  const leader = a === MASTER ? controllers.find(({ leads }) => leads) : undefined;
  return leader ?? (controllers[a % controllers.length] as SimController);
}

function frozen(world: World, process: SimAgent | SimController, ms: number): Pick<Fault, 'begin' | 'end'> {
  let thaw = (): void => undefined;
  return {
    begin: () => {
      world.trace?.(process.name, `is frozen for ${ms} ms`);
      thaw = process.freeze();
    },
    end: () => thaw(),
  };
}

function power(world: World, machine: number): Fault {
  const agents = world.agents.filter((agent) => agent.machine === machine);
  const controllers = world.controllers.filter((controller) => controller.machine === machine);
  const processes = [...agents, ...controllers];
  return {
    concern: { hosts: agents.map(({ machine: host }) => host), controllers: controllers.map(({ index }) => index) },
    begin: () => {
      world.links.powerOff(machine, world.timeline.now);
      for (const process of processes) process.powerOff();
      world.sessions.linksChanged();
    },
    end: () => {
      if (world.links.isPowered(machine)) return;
      world.links.powerOn(machine);
      for (const process of processes) process.powerOn();
      world.sessions.linksChanged();
    },
  };
}

function carrier(agent: SimAgent, by: 1 | -1): void {
  agent.kernel.carrierLost += by;
  agent.carrierChanged();
}

function counters(concern: Concern, cuts: number[], mask: number): Fault {
  const add = (by: number): void => {
    for (let index = 0; index < cuts.length; index++) if (includes(mask, index)) cuts[index] = (cuts[index] ?? 0) + by;
  };
  return { concern, begin: () => add(1), end: () => add(-1) };
}

function sourceFault(world: World, { kind, a }: Action): Fault {
  const tell = (): void => world.controllers.forEach((controller) => world.tellSnapshot(controller));
  if (kind === 'sourceDown') {
    return {
      concern: {},
      begin: () => void world.source.down++,
      end: () => {
        world.source.down--;
        tell();
      },
    };
  }
  const fault = counters({}, world.sourceCuts, a);
  return {
    ...fault,
    end: () => {
      fault.end?.();
      tell();
    },
  };
}

function linkFault(world: World, kind: 'cut' | 'lossy' | 'slow', { a, b, c, ms }: Action): Fault {
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
      return { concern, begin: change(({ delays }) => delays.push(c)), end: change(({ delays }) => drop(delays, c)) };
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
function isolated(world: World, { machine }: SimController, action: Action): Fault {
  const machines = (list: readonly { readonly machine: number }[]): Machines =>
    list.reduce((mask, item) => (item.machine === machine ? mask : mask | (2 ** item.machine)), 0);
  const others =
    ((action.b & 1) === 0 ? 0 : machines(world.controllers)) | ((action.b & 2) === 0 ? 0 : machines(world.agents));
  const own = 2 ** machine;
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
  return { hosts, pairs };
}

function describeCut(world: World, from: Machines, to: Machines): string {
  const names = (mask: Machines): string => {
    const machines = Array.from({ length: world.links.count }, (_, machine) => machine).filter((machine) =>
      includes(mask, machine),
    );
    return machines.map((machine) => `m${machine + 1}`).join(',');
  };
  return `nothing passes from ${names(from)} to ${names(to)}`;
}
