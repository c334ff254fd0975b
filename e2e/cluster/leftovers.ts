/** What a release that is uninstalled must not leave. */
import type { Host } from '../lib/host.ts';
import { SERVICE_NIC } from '../lib/host.ts';
import { ipJson } from '../lib/ip.ts';
import type { KubeCluster } from './kube-cluster.ts';
import { run } from './run.ts';

interface Link {
  readonly addr_info?: readonly { readonly local: string; readonly scope: string }[];
}

interface ObjectList {
  readonly items: readonly { readonly kind: string; readonly metadata: Metadata }[];
}

interface Metadata {
  readonly name: string;
  readonly finalizers?: readonly string[];
}

/** One line for each thing that is left; empty where nothing is. */
export async function leftovers({ lab, client }: KubeCluster): Promise<readonly string[]> {
  const { items } = (await client.get('vippools,nodehealths,viptasks')) as ObjectList;
  const finalizers = items.flatMap(({ kind, metadata: { name, finalizers: list = [] } }) =>
    list.map((finalizer) => `${kind} ${name} has the finalizer ${finalizer}`),
  );
  const onHosts = await Promise.all([...lab.hosts.values()].map(onHost));
  return [...finalizers, ...onHosts.flat()];
}

async function onHost(host: Host): Promise<readonly string[]> {
  const own: readonly string[] = [host.addresses.service, host.addresses.service6];
  const links = ipJson(`-n ${host.name} addr show dev ${SERVICE_NIC}`) as readonly Link[];
  const addresses = links
    .flatMap(({ addr_info: list = [] }) => list)
    .filter(({ local, scope }) => scope !== 'link' && !own.includes(local))
    .map(({ local }) => `${host.name} has the address ${local}`);
  const listed = await run('nsenter', [`--net=/run/netns/${host.name}`, 'nft', 'list', 'tables']);
  const tables = listed.split('\n').filter((line) => line.includes('vippool'));
  return [...addresses, ...tables.map((table) => `${host.name} has the nftables ${table}`)];
}
