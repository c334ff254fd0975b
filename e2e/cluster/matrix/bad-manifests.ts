/** What is wrong is refused with what to write instead, by kubectl and by helm. */
import { stringify } from 'yaml';
import { badManifests } from '../../manifests/manifests.ts';
import { nothing } from '../../matrix/promises.ts';
import type { Client } from '../client.ts';
import { upgrade } from '../release.ts';
import type { ClusterFault } from './fault.ts';
import { refusalOf } from './refused.ts';

/** One of each kind; their comments tell what has to be said. */
const MANIFESTS = ['bad/range-inverted-ipv4', 'bad/node-check-pool', 'bad/task-move-without-node'];
/** With a part of what helm has to say. */
const VALUES: readonly (readonly [change: string, says: string])[] = [
  ['timing.profile=Slow', "'/timing/profile': value must be one of 'Default', 'Fast', 'Turbo', 'Relaxed'"],
  ['controller.replicas=2', "'/controller/replicas': value must be one of 1, 3, 5"],
  ['agent.colour=red', "'/agent': additional properties 'colour' not allowed"],
];

export const BAD_MANIFESTS: ClusterFault = {
  name: 'bad-manifests',
  does: 'a bad manifest of each kind is applied, and helm upgrade is given bad values',
  heals: '-',
  promised: nothing,
  promisedBack: nothing,
  once: true,
  keepsPods: true,
  async inflict({ kube: { client }, findings }) {
    findings.push(...(await badlyRefused(client)));
    return () => undefined;
  },
};

async function badlyRefused(client: Client): Promise<readonly string[]> {
  const found: string[] = [];
  const refused = async (what: string, work: Promise<unknown>, says: readonly string[]): Promise<void> => {
    const said = await refusalOf(work);
    if (said === undefined) found.push(`${what} was not refused`);
    else if (!says.every((part) => said.includes(part)))
      found.push(`${what}: said "${said}", not "${says.join('", "')}"`);
  };
  for (const name of MANIFESTS) {
    const manifest = badManifests().find((item) => item.name === name);
    if (!manifest) throw new Error(`no manifest ${name}`);
    await refused(name, client.apply(stringify(manifest.object)), manifest.server);
  }
  for (const [change, says] of VALUES) await refused(`helm upgrade --set ${change}`, upgrade(client, change), [says]);
  return found;
}
