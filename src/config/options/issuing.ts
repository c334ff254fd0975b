import { absent, type Contradiction, type OptionTable } from '../option.ts';
import { aKubeName, anObjectName, type ObjectName } from '../values/names.ts';
import { socketAddress, type SocketAddress } from '../values/network.ts';
import type { SourceConfig } from '../values/source.ts';
import { SECURITY, type SecurityOptions } from './security.ts';

/** How controllers make the certificates of the cluster. */
export interface IssuingOptions {
  /** Undefined: somebody else makes them. */
  readonly authority: ObjectName | undefined;
  readonly agentAccount: ObjectName | undefined;
  readonly identityListen: SocketAddress | undefined;
  /** In the namespace of `authority`. */
  readonly etcdSecret: string | undefined;
}

export const ISSUING: OptionTable<IssuingOptions> = {
  authority: {
    flag: 'authority',
    type: anObjectName,
    default: absent('somebody else makes the certificates'),
    meaning:
      'Kubernetes Secret in which controllers keep the certificate authority of the cluster; the ConfigMap of the same ' +
      'name holds what everybody may know of it. With this option the controller writes the files of --tls-cert, ' +
      '--tls-key and --tls-ca itself, renews them, and certifies agents.',
  },
  agentAccount: {
    flag: 'agent-account',
    type: anObjectName,
    default: absent('nobody is certified'),
    meaning: 'With --authority: ServiceAccount of the pods of agents, whose tokens are good for a certificate.',
  },
  identityListen: {
    flag: 'identity-listen',
    type: socketAddress,
    default: absent('nobody is certified'),
    meaning: "With --authority: this host's address and the port where agents ask for certificates.",
  },
  etcdSecret: {
    flag: 'etcd-secret',
    type: aKubeName,
    default: absent('etcd has its certificates from elsewhere'),
    meaning:
      'With --authority: Secret in the same namespace in which controllers keep the certificate of the etcd members of ' +
      '--etcd, each of which is a pod whose name is the first part of its host name.',
  },
};

export function issuingContradictions(
  config: Partial<IssuingOptions & SecurityOptions & { readonly source: SourceConfig }>,
): readonly Contradiction[] {
  const parts = ['agentAccount', 'identityListen'] as const;
  if (config.authority === undefined) {
    return [...parts, 'etcdSecret' as const]
      .filter((part) => config[part] !== undefined)
      .map((part) => ({
        flag: ISSUING[part].flag,
        message: 'has no effect without --authority; give both or neither',
      }));
  }
  const { flag } = ISSUING.authority;
  const found: Contradiction[] = parts
    .filter((part) => config[part] === undefined)
    .map((part) => ({ flag: ISSUING[part].flag, message: 'is missing beside --authority' }));
  if (config.tlsCert === undefined) {
    found.push({ flag: SECURITY.tlsCert.flag, message: `is missing beside --${flag}, which writes this file` });
  }
  if (config.source?.kind === 'directory') {
    found.push({
      flag,
      message: 'needs the Kubernetes API: write --source kubernetes, or make certificates by "vippool certs"',
    });
  }
  return found;
}
