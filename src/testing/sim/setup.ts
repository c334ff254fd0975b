import { nodeName, type NodeName } from '../../core/ids.ts';
import type { Timing, TimingProfile } from '../../core/timing.ts';

export interface PoolSetup {
  readonly name: string;
  readonly vips: readonly string[];
  readonly onQuorumLoss: 'Hold' | 'Release';
  readonly failback: 'Automatic' | 'Manual' | 'Never';
  /** `spec.health` as it is in a manifest; without it nothing is checked. */
  readonly health?: Readonly<Record<string, unknown>>;
  /** `spec.placement` as it is in a manifest. */
  readonly placement?: Readonly<Record<string, unknown>>;
}

/** What a world is made of; the schedule of faults comes on top. */
export interface Setup {
  readonly controllers: number;
  /** So many of them are members of the first electorate; default: all. */
  readonly members?: number;
  readonly hosts: number;
  /** Controllers share the machines of the first hosts; else each has one of its own. */
  readonly shared: boolean;
  readonly profile: TimingProfile;
  readonly timing: Timing;
  readonly pools: readonly PoolSetup[];
  /** Bit mask of controllers that keep their memory over a restart of the process. */
  readonly remembering: number;
  /** Clock rates are at the ends of what is allowed, or anywhere between. */
  readonly drift: 'extreme' | 'any';
  /** Share of messages that come twice. */
  readonly doubled: number;
  /** Bit mask of hosts that answer no question of a neighbour, whatever it is. */
  readonly filtering: number;
  /** Continuous health before a VIP returns to its home. */
  readonly failbackDelayMs: number;
  /** A decision of a master keeps it busy for up to this long; default: for no time. */
  readonly decisionMs?: number;
  /** Pools have rules and tasks of their own: `RulesWatch` judges where VIPs are, instead of what fits plain pools. */
  readonly hasRules?: boolean;
  /** Hosts fail again and again, alone and all at once, and nothing else is wrong: `FlapWatch` judges when VIPs come back. */
  readonly hasFlaps?: boolean;
}

/** Label of hosts, which the source tells: half of them are in each zone. */
export const ZONE = 'zone';

/** Every host but this one has the label, so that a pool can leave out any of them by what it asks for. */
export const labelOfOthers = (host: NodeName): string => `is-not-${host}`;

export function labelsOf(setup: Setup, host: number): Readonly<Record<string, string>> {
  const others = hostsOf(setup).filter((_, index) => index !== host);
  return {
    ...Object.fromEntries(others.map((other) => [labelOfOthers(other), ''])),
    ...(setup.hasRules === true ? { [ZONE]: host % 2 === 0 ? 'even' : 'odd' } : {}),
  };
}

/** Names of the hosts, in the order of their machines. */
export const hostsOf = ({ hosts }: Setup): NodeName[] =>
  Array.from({ length: hosts }, (_, index) => nodeName(`node-${index + 1}`));

export const machinesOf = ({ hosts, controllers, shared }: Setup): number => hosts + (shared ? 0 : controllers);

/** The machine of a controller. */
export const controllerMachine = (setup: Setup, index: number): number => (setup.shared ? index : setup.hosts + index);
