import type { ControllerId, NodeName } from '../../core/ids.ts';
import { parseIp } from '../../core/ip.ts';
import { absent, hostname, required, text, type Contradiction, type OptionTable } from '../option.ts';
import { aControllerId, aNodeName } from '../values/names.ts';
import {
  controllerEndpoints,
  etcdUrls,
  multicastGroup,
  socketAddress,
  type ControllerEndpoint,
  type SocketAddress,
} from '../values/network.ts';
import { duration, integer, path } from '../values/scalars.ts';
import { bad, good, single } from '../values/value-type.ts';
import { REALTIME } from './realtime.ts';
import { OBSERVABILITY, observabilityContradictions, type ObservabilityConfig } from './observability.ts';
import { SOURCE, sourceContradictions, type SourceOptions } from './source.ts';
import { ISSUING, issuingContradictions, type IssuingOptions } from './issuing.ts';
import { LEAVING, leavingContradictions, type LeavingOptions } from './leaving.ts';
import { SECURITY, securityContradictions, type SecurityOptions } from './security.ts';
import { electorateContradictions } from './electorate.ts';
import { TIMING, timingContradictions, type TimingOptions } from './timing.ts';

/** Everything that `vippool controller` is told. */
export interface ControllerConfig
  extends SourceOptions, TimingOptions, ObservabilityConfig, SecurityOptions, IssuingOptions, LeavingOptions {
  readonly id: ControllerId;
  /** The node whose agent runs on the same host. */
  readonly nodeName: NodeName;
  /** Management address: agents connect to it, and the larger one wins between controllers of equal priority. */
  readonly listen: SocketAddress;
  /** The electorate, this controller included; undefined: it is alone. */
  readonly controllers: readonly ControllerEndpoint[] | undefined;
  /** Absolute. */
  readonly stateDir: string;
  readonly priority: number;
  readonly realtime: 'auto' | 'on' | 'off';
  /** Base URLs of etcd's client endpoints, all http or all https. */
  readonly etcd: readonly string[];
  /** Begins with "/" and does not end with it. */
  readonly etcdPrefix: string;
  /** PEM files. The certificate and its key come together. */
  readonly etcdCa: string | undefined;
  readonly etcdCert: string | undefined;
  readonly etcdKey: string | undefined;
  /** Undefined: nodes are not asked by multicast. */
  readonly multicastProbe: SocketAddress | undefined;
  /** Whole seconds. */
  readonly electionTtlMs: number;
  readonly connectionsPerAddress: number;
}

const keyPrefix = single('PREFIX', (text) =>
  /^(\/[\w.-]+)+$/.test(text)
    ? good(text)
    : bad(`"${text}" is not a key prefix; write for example /vippool, beginning with "/" and not ending with it`),
);

export const CONTROLLER: OptionTable<ControllerConfig> = {
  id: {
    flag: 'id',
    type: aControllerId,
    default: hostname,
    meaning: 'Id of this controller; must stay the same over restarts and differ from all others.',
  },
  nodeName: {
    flag: 'node-name',
    type: aNodeName,
    default: hostname,
    meaning:
      'Name of this host as its agent has it (--node-name there). A master whose own node is unhealthy hands over to a ' +
      'controller on a healthy one. Without an agent on this host it says nothing.',
  },
  listen: {
    flag: 'listen',
    type: socketAddress,
    default: required,
    meaning: "This host's own address on the management network, and the port where agents connect.",
  },
  controllers: {
    flag: 'controllers',
    type: controllerEndpoints,
    default: absent('this controller is alone'),
    meaning:
      'All controllers that there shall be, with their ids: 1, 3 or 5 of them. Three survive the loss of one. The same on ' +
      'all controllers and agents. With another list than before, the electorate becomes that one step by step; one that is ' +
      'not in it any more leaves.',
  },
  stateDir: {
    flag: 'state-dir',
    type: path({ absolute: true }),
    default: text('/run/vippool'),
    meaning:
      'Directory for what the controller must remember over a restart within one boot: its votes, its promises, the ' +
      'leases it knows. Created where it is missing; a memory file system is right. Without its memory a restarted ' +
      'controller abstains for about one lease.',
  },
  priority: {
    flag: 'priority',
    type: integer(0, 1_000_000),
    default: text('0'),
    meaning: 'Between controllers that compete to be master, the larger priority wins, then the larger address.',
  },
  multicastProbe: {
    flag: 'multicast-probe',
    type: multicastGroup,
    default: absent('off'),
    meaning:
      'UDP multicast group in which a master asks all nodes whether they hear it on the management network, for ' +
      'example 239.255.74.80:7483; the same on all controllers and agents. Only where the management network carries multicast.',
  },
  etcd: {
    flag: 'etcd',
    type: etcdUrls,
    default: required,
    meaning: 'Client URLs of the etcd members that keep the lock and the record of the master.',
  },
  etcdPrefix: {
    flag: 'etcd-prefix',
    type: keyPrefix,
    default: text('/vippool'),
    meaning: 'All keys in etcd are below this. Clusters that share one etcd need different prefixes.',
  },
  etcdCa: {
    flag: 'etcd-ca',
    type: path(),
    default: absent("the system's certificate authorities"),
    meaning: "PEM file of the certificate authority of etcd's servers.",
  },
  etcdCert: {
    flag: 'etcd-cert',
    type: path(),
    default: absent('no client certificate'),
    meaning: 'PEM file of the client certificate for etcd.',
  },
  etcdKey: {
    flag: 'etcd-key',
    type: path(),
    default: absent('no client certificate'),
    meaning: 'PEM file of the private key of --etcd-cert.',
  },
  ...SOURCE,
  electionTtlMs: {
    flag: 'election-ttl',
    // etcd counts leases in whole seconds and raises shorter ones to its own minimum.
    type: duration({ minMs: 2_000, maxMs: 60_000, stepMs: 1_000 }),
    default: text('3s'),
    meaning: 'How long the lock in etcd outlives a master that crashed. Whole seconds.',
  },
  realtime: REALTIME,
  ...SECURITY,
  ...ISSUING,
  ...LEAVING,
  connectionsPerAddress: {
    flag: 'connections-per-address',
    type: integer(8, 4_096),
    default: text('64'),
    meaning:
      'Connections that one address may have open at a time; a quarter as many may be opened each second. More where ' +
      'many agents come from one address, as behind NAT.',
  },
  ...TIMING,
  ...OBSERVABILITY,
};

export function controllerContradictions(config: Partial<ControllerConfig>): readonly Contradiction[] {
  return [
    ...listenContradictions(config),
    ...membershipContradictions(config),
    ...etcdContradictions(config),
    ...sourceContradictions(config),
    ...securityContradictions(config),
    ...issuingContradictions(config),
    ...leavingContradictions(config),
    ...timingContradictions(config),
    ...observabilityContradictions(config),
  ];
}

function listenContradictions({ listen }: Partial<ControllerConfig>): readonly Contradiction[] {
  if (listen?.host !== '0.0.0.0' && listen?.host !== '::') return [];
  return [
    {
      flag: CONTROLLER.listen.flag,
      message:
        `${listen.host} means every network, but the address also decides between controllers of equal priority; ` +
        "write this host's own address on the management network",
    },
  ];
}

function membershipContradictions({ id, listen, controllers }: Partial<ControllerConfig>): readonly Contradiction[] {
  if (!controllers || !id || !listen) return [];
  const { flag } = CONTROLLER.controllers;
  const own = controllers.find((item) => item.id === id);
  const found = [...electorateContradictions(controllers, flag)];
  if (own && (own.port !== listen.port || (parseIp(own.host) && own.host !== listen.host))) {
    const message = `says ${own.host}:${own.port} for this controller, which listens on ${listen.host}:${listen.port}; write the same in both`;
    found.push({ flag, message });
  }
  return found;
}

function etcdContradictions(config: Partial<ControllerConfig>): readonly Contradiction[] {
  const { etcdCert, etcdKey, etcd = [] } = config;
  const found: Contradiction[] = [];
  if (etcdCert !== undefined && etcdKey === undefined) {
    found.push({ flag: CONTROLLER.etcdCert.flag, message: 'needs --etcd-key as well; give both or neither' });
  }
  if (etcdKey !== undefined && etcdCert === undefined) {
    found.push({ flag: CONTROLLER.etcdKey.flag, message: 'needs --etcd-cert as well; give both or neither' });
  }
  const plain = etcd.filter((url) => url.startsWith('http://'));
  if (plain.length > 0 && plain.length < etcd.length) {
    found.push({ flag: CONTROLLER.etcd.flag, message: 'mixes http and https; write the same for all URLs' });
  } else if (plain.length > 0) {
    const tls = (['etcdCa', 'etcdCert', 'etcdKey'] as const).filter((file) => config[file] !== undefined);
    for (const file of tls) {
      const { flag } = CONTROLLER[file];
      found.push({ flag, message: 'has no effect on http:// URLs; write https:// in --etcd, or remove it' });
    }
  }
  return found;
}
