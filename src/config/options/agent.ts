import type { NodeName } from '../../core/ids.ts';
import type { Subnet } from '../../core/ip.ts';
import { formatDuration } from '../../core/time.ts';
import { absent, hostname, required, text, type Contradiction, type OptionTable } from '../option.ts';
import { aNodeName, interfaceNames, labels } from '../values/names.ts';
import {
  anAddress,
  controllerEndpoints,
  multicastGroup,
  subnets,
  type ControllerEndpoint,
  type SocketAddress,
} from '../values/network.ts';
import { absolutePaths, duration, integer, oneOf, path } from '../values/scalars.ts';
import { REALTIME } from './realtime.ts';
import { OBSERVABILITY, observabilityContradictions, type ObservabilityConfig } from './observability.ts';
import { ENROLMENT, enrolmentContradictions, type EnrolmentOptions } from './enrolment.ts';
import { electorateContradictions } from './electorate.ts';
import { SECURITY, securityContradictions, type SecurityOptions } from './security.ts';
import { effectiveTiming, TIMING, timingContradictions, type TimingOptions } from './timing.ts';

/** Everything that `vippool agent` is told. */
export interface AgentConfig extends TimingOptions, ObservabilityConfig, SecurityOptions, EnrolmentOptions {
  readonly nodeName: NodeName;
  /** The electorate: 1, 2, 3 or 5 members with different ids and addresses. */
  readonly controllers: readonly ControllerEndpoint[];
  /** Names of the service interfaces, at least one. */
  readonly interfaces: readonly string[];
  /** At least one; the base addresses have no host bits. */
  readonly allowedAddresses: readonly Subnet[];
  readonly labels: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly stateDir: string;
  /** Absolute; programs below them, and no others, may be run by checks and repairs. At least one. */
  readonly checkDirs: readonly string[];
  /** Whole seconds. */
  readonly addressLifetimeMs: number;
  readonly onStop: 'handover' | 'keep';
  readonly ifRunning: 'refuse' | 'wait';
  /** Undefined: none is written. */
  readonly startupFile: string | undefined;
  readonly supervise: 'on' | 'off';
  readonly realtime: 'auto' | 'on' | 'off';
  /** Undefined: the one on the route to the first controller. */
  readonly managementAddress: string | undefined;
  readonly witnessPort: number;
  /** Undefined: the multicast of a master is not answered. */
  readonly multicastProbe: SocketAddress | undefined;
}

export const AGENT: OptionTable<AgentConfig> = {
  nodeName: {
    flag: 'node-name',
    type: aNodeName,
    default: hostname,
    meaning: 'Name of this host; in Kubernetes the name of its Node. Must differ from all others.',
  },
  controllers: {
    flag: 'controllers',
    type: controllerEndpoints,
    default: required,
    meaning:
      'The controllers with their ids. Any of them tells which ones there are now; a host holds VIPs only while it ' +
      'reaches a majority of those.',
  },
  interfaces: {
    flag: 'interfaces',
    type: interfaceNames,
    default: required,
    meaning: 'The service interfaces. The agent adds VIPs to no other interface.',
  },
  allowedAddresses: {
    flag: 'allowed-addresses',
    type: subnets,
    default: required,
    meaning:
      'Subnets that VIPs may be taken from; the agent refuses all other addresses, whatever the master says. ' +
      '"0.0.0.0/0,::/0" allows every address.',
  },
  labels: {
    flag: 'labels',
    type: labels,
    default: text(''),
    meaning: 'Labels of this host, which the nodeSelector of a pool can ask for.',
  },
  stateDir: {
    flag: 'state-dir',
    type: path({ absolute: true }),
    default: text('/run/vippool'),
    meaning:
      'Directory for what the agent must remember over a restart within one boot; created where it is missing. ' +
      'A memory file system is right.',
  },
  checkDirs: {
    flag: 'check-dir',
    type: absolutePaths,
    default: text('/etc/vippool/checks'),
    meaning:
      'Directories of the programs that checks and repairs of pools may run. Whoever may write there runs programs as ' +
      'root here. One that does not exist holds no programs.',
  },
  addressLifetimeMs: {
    flag: 'address-lifetime',
    // The kernel counts lifetimes of addresses in whole seconds.
    type: duration({ minMs: 2_000, maxMs: 3_600_000, stepMs: 1_000 }),
    default: text('30s'),
    meaning:
      'The kernel removes VIPs by itself when the agent has not refreshed them for this long: the clean-up after an ' +
      'agent that crashed for good. Whole seconds, longer than the lease.',
  },
  onStop: {
    flag: 'on-stop',
    type: oneOf(['handover', 'keep']),
    default: text('handover'),
    meaning:
      'What happens to the VIPs on SIGTERM where no successor waits on this host (--if-running). handover: other hosts ' +
      'take them first. keep: they stay for the next run of the agent, which must start within the lease.',
  },
  ifRunning: {
    flag: 'if-running',
    type: oneOf(['refuse', 'wait']),
    default: text('refuse'),
    meaning:
      'What to do where an agent runs on this host already. refuse: end with an error. wait: stand ready beside it until ' +
      'it ends, and go on with its lease and its VIPs, which stay where they are (for upgrades).',
  },
  startupFile: {
    flag: 'startup-file',
    type: path({ absolute: true }),
    default: absent('none is written'),
    meaning:
      'File that the agent writes once it runs, or stands ready to follow the one that runs (--if-running wait): it has ' +
      'its certificate then, and a majority of the controllers has let it in. For a startup probe.',
  },
  supervise: {
    flag: 'supervise',
    type: oneOf(['on', 'off']),
    default: text('on'),
    meaning:
      'on: a small parent process brings the agent back at once when it dies, so that it is there again within its ' +
      'lease and the VIPs stay. off: something else does that as fast.',
  },
  realtime: REALTIME,
  managementAddress: {
    flag: 'management-address',
    type: anAddress,
    default: absent('the address on the route to the first controller'),
    meaning: 'Address of this host on the management network, where other agents reach it.',
  },
  witnessPort: {
    flag: 'witness-port',
    type: integer(1, 65_535),
    default: text('7482'),
    meaning:
      'TCP port, on every address of this host, on which the agent confirms to others that they may go on with VIPs of ' +
      'a pool with onQuorumLoss: Hold while no controller can be reached.',
  },
  multicastProbe: {
    flag: 'multicast-probe',
    type: multicastGroup,
    default: absent('off'),
    meaning:
      'UDP multicast group in which this host answers a master that asks whether it is heard on the management ' +
      'network, for example 239.255.74.80:7483; the same on all controllers and agents. Only where the management network carries multicast.',
  },
  ...SECURITY,
  ...ENROLMENT,
  ...TIMING,
  ...OBSERVABILITY,
};

export function agentContradictions(config: Partial<AgentConfig>): readonly Contradiction[] {
  return [
    ...electorateContradictions(config.controllers ?? [], AGENT.controllers.flag),
    ...securityContradictions(config),
    ...enrolmentContradictions(config),
    ...timingContradictions(config),
    ...lifetimeContradictions(config),
    ...observabilityContradictions(config),
  ];
}

function lifetimeContradictions(config: Partial<AgentConfig>): readonly Contradiction[] {
  const { addressLifetimeMs, timing } = config;
  if (addressLifetimeMs === undefined || timing === undefined) return [];
  const { leaseMs } = effectiveTiming({ ...config, timing } as TimingOptions);
  if (addressLifetimeMs > leaseMs) return [];
  const message =
    `${formatDuration(addressLifetimeMs)} is not longer than the lease (${formatDuration(leaseMs)}), so VIPs ` +
    `would vanish under a valid lease; write more than ${formatDuration(leaseMs)}`;
  return [{ flag: AGENT.addressLifetimeMs.flag, message }];
}
