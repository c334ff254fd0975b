/** What each kind of action does to the world, whom it concerns, and how it is mended. */
import { type Action, MASTER } from './actions.ts';
import { blackout } from './blackouts.ts';
import type { Concern } from './calm.ts';
import { isolated, linkFault } from './link-faults.ts';
import { includes } from './links.ts';
import { configureMembers } from './membership.ts';
import { leftOut } from './members.ts';
import { otherElectorate, twin } from './misconfiguration.ts';
import { administer, LOSE, WIN } from './administration.ts';
import { editPools } from './pool-edits.ts';
import type { Ailment } from './sim-checks.ts';
import { blackHole, switchFault } from './service-faults.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimController } from './sim-controller.ts';
import type { Ambush } from './sim-process.ts';
import type { World } from './world.ts';

/** What is done, and what mends it. */
export interface Fault {
  readonly concern: Concern;
  readonly begin: () => void;
  readonly end?: () => void;
  /** What was under way when it ended is felt for so long. */
  readonly lingersMs?: number;
  /** It strikes this process before so many of its next effects; at once where there is none. */
  readonly ambush?: {
    readonly process: SimAgent | SimController;
    readonly kind: Ambush['kind'];
    readonly effects: number;
  };
}

const AILMENTS: readonly Ailment[] = ['failing', 'ended', 'hanging'];

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
  const follow = world.loneLosses.expect(action);
  calm.begin(fault.concern);
  let open = true;
  const mend = (at: number): void =>
    timeline.plan(Math.min(at, healedAt), () => {
      if (!open) return;
      open = false;
      if (fault.end) world.trace?.('fault', `${kind} ends`, { a });
      fault.end?.();
      timeline.plan(timeline.now + (fault.lingersMs ?? 0), () => calm.end(fault.concern));
    });
  const strike = (): void => {
    world.trace?.('fault', `${kind} begins`, { a, b, c, ms });
    follow?.();
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
        begin: () => agent().deliver({ kind: 'stop', mode: b === 1 ? 'keep' : 'handover' }),
        end: () => {
          agent().kill();
          agent().start();
        },
      };
    case 'stopController':
      return {
        concern: ofController,
        begin: () => {
          const { life } = controller();
          controller().deliver({ kind: 'stop' });
          world.timeline.plan(world.timeline.now + 5, () => {
            if (controller().life === life) controller().kill();
          });
        },
        end: () => {
          controller().kill();
          controller().start();
        },
      };
    case 'resign':
      return { concern: {}, begin: () => controller().deliver({ kind: 'resign', reason: 'asked to' }) };
    case 'switch':
      return switchFault(world);
    case 'blackHole':
      return blackHole(world, action, agent());
    case 'blackout':
      return blackout(world, action);
    case 'isolate':
      return isolated(world, chosen, action);
    case 'electorate':
      return otherElectorate(world, action);
    case 'configure':
      return { concern: {}, begin: () => configureMembers(world, action) };
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
    case 'checkFails':
      return { concern: { ill: [a % world.agents.length] }, ...illness(world, agent(), action) };
    case 'drain':
    case 'weight':
      return {
        concern: { ill: [a % world.agents.length] },
        begin: () => world.source.declare(agent().node, declared(kind, b)),
        end: () => world.source.declare(agent().node, declared(kind, 2)),
      };
    case 'role':
      // Of what one host wins or loses only that host has to be heard.
      if (action.c === WIN || action.c === LOSE)
        return { concern: { ill: [b % world.agents.length] }, begin: () => administer(world, kind, action) };
      return { concern: { config: true }, begin: () => administer(world, kind, action) };
    case 'declare':
    case 'rules':
    case 'task':
      return { concern: { config: true }, begin: () => administer(world, kind, action) };
    case 'members':
      return leftOut(world, action);
    case 'addVip':
    case 'removeVip':
    case 'policy':
    case 'home':
    case 'checks':
      return { concern: { config: true }, begin: () => editPools(world, kind, action) };
  }
}

/** `b`: of a weight 0 or half; what is usual for 2. */
function declared(kind: 'drain' | 'weight', b: number): Readonly<Record<string, unknown>> {
  return kind === 'drain' ? { maintenance: b !== 2 } : { weight: [0, 50, 100][b % 3] };
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

/** `b`: the pool; `c`: what is wrong with its service on that host. */
function illness({ setup }: World, agent: SimAgent, { b, c }: Action): Pick<Fault, 'begin' | 'end'> {
  const pool = setup.pools[b % setup.pools.length]?.name ?? '';
  let heal = (): void => undefined;
  return {
    begin: () => {
      heal = agent.fallIll(pool, AILMENTS[c % AILMENTS.length] ?? 'failing');
    },
    end: () => heal(),
  };
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
