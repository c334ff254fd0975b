import type { ControllerId, NodeName } from '../../core/ids.ts';
import { absent, type Contradiction, type OptionTable, text } from '../option.ts';
import { aControllerId, aNodeName } from '../values/names.ts';
import { hostNames } from '../values/network.ts';
import { integer, path } from '../values/scalars.ts';

export const CERTS_ACTIONS = ['init', 'issue', 'replace-ca', 'retire-ca'] as const;

/** Everything that `vippool certs` is told. */
export interface CertsConfig {
  readonly action: (typeof CERTS_ACTIONS)[number];
  /** Of the authority. */
  readonly dir: string;
  /** Exactly one of these three, with `issue` only. */
  readonly node: NodeName | undefined;
  readonly controller: ControllerId | undefined;
  readonly server: NodeName | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly out: string | undefined;
  readonly days: number | undefined;
}

export const CERTS: OptionTable<Omit<CertsConfig, 'action'>> = {
  dir: {
    flag: 'dir',
    type: path(),
    default: text('/etc/vippool/pki'),
    meaning:
      'Directory of the authority, with its files ca.crt and ca.key. Whoever can read ca.key can speak for every node ' +
      'and every controller: keep it on no host of the cluster.',
  },
  node: {
    flag: 'node',
    type: aNodeName,
    default: absent('not for an agent'),
    meaning: 'For issue: a certificate for the agent of this node, the same name as in its --node-name.',
  },
  controller: {
    flag: 'controller',
    type: aControllerId,
    default: absent('not for a controller'),
    meaning: 'For issue: a certificate for this controller, the same id as in its --id. Also fit as client of etcd.',
  },
  server: {
    flag: 'server',
    type: aNodeName,
    default: absent('not for another server'),
    meaning: 'For issue: a certificate for another server, like etcd, that may not speak as agent or controller.',
  },
  hosts: {
    flag: 'hosts',
    type: hostNames,
    default: absent('none'),
    meaning: 'For issue: names and addresses under which the holder is reached. Needed with --server only.',
  },
  out: {
    flag: 'out',
    type: path(),
    default: absent('a directory with the name of the holder in --dir'),
    meaning: 'For issue: directory for tls.crt, tls.key and ca.crt. Files that are there are replaced.',
  },
  days: {
    flag: 'days',
    type: integer(1, 36_500),
    default: absent('3650 for an authority, 365 for the rest'),
    meaning: 'How long the certificate is good. None outlives its authority.',
  },
};

export function certsContradictions(config: Partial<CertsConfig>): readonly Contradiction[] {
  const holders = (['node', 'controller', 'server'] as const).filter((holder) => config[holder] !== undefined);
  const [first, second] = holders;
  if (config.action !== undefined && config.action !== 'issue') {
    const given = (['node', 'controller', 'server', 'hosts', 'out'] as const).filter(
      (key) => config[key] !== undefined,
    );
    return given.map((key) => ({
      flag: CERTS[key].flag,
      message: `belongs to issue, not to ${config.action}; remove it`,
    }));
  }
  if (config.action === undefined) return [];
  if (!first)
    return [{ flag: CERTS.node.flag, message: 'is missing; write --node NAME, --controller ID or --server NAME' }];
  if (second) {
    const message = `cannot be given with --${CERTS[first].flag}: a certificate speaks for one holder; write one of both`;
    return [{ flag: CERTS[second].flag, message }];
  }
  if (config.server === undefined || config.hosts !== undefined) return [];
  return [
    { flag: CERTS.hosts.flag, message: 'is missing; write the names and addresses under which the server is reached' },
  ];
}
