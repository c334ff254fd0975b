import type { ControllerId } from '../../core/ids.ts';
import type { Timing } from '../../core/timing.ts';
import { absent, hostname, required, text, type Contradiction, type OptionTable } from '../option.ts';
import { aControllerId } from '../values/names.ts';
import { etcdUrls, socketAddress, type SocketAddress } from '../values/network.ts';
import { duration, integer, path } from '../values/scalars.ts';
import { bad, good, single } from '../values/value-type.ts';
import { OBSERVABILITY, type ObservabilityConfig } from './observability.ts';
import { SOURCE, sourceContradictions, type SourceOptions } from './source.ts';
import { TIMING, timingContradictions } from './timing.ts';

/** Everything that `vippool controller` is told. */
export interface ControllerConfig extends SourceOptions, Timing, ObservabilityConfig {
  readonly id: ControllerId;
  /** Management address: agents connect to it, and the larger one wins between controllers of equal priority. */
  readonly listen: SocketAddress;
  readonly priority: number;
  /** Base URLs of etcd's client endpoints, all http or all https. */
  readonly etcd: readonly string[];
  /** Begins with "/" and does not end with it. */
  readonly etcdPrefix: string;
  /** PEM files. The certificate and its key come together. */
  readonly etcdCa: string | undefined;
  readonly etcdCert: string | undefined;
  readonly etcdKey: string | undefined;
  /** Whole seconds. */
  readonly electionTtlMs: number;
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
  listen: {
    flag: 'listen',
    type: socketAddress,
    default: required,
    meaning: "This host's own address on the management network, and the port where agents connect.",
  },
  priority: {
    flag: 'priority',
    type: integer(0, 1_000_000),
    default: text('0'),
    meaning: 'Between controllers that compete to be master, the larger priority wins, then the larger address.',
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
  ...TIMING,
  ...OBSERVABILITY,
};

export function controllerContradictions(config: Partial<ControllerConfig>): readonly Contradiction[] {
  return [
    ...listenContradictions(config),
    ...etcdContradictions(config),
    ...sourceContradictions(config),
    ...timingContradictions(config),
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
