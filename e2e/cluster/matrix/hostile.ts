/** A pod on the host network tries whatever it can at the ports of controllers and agents. */
import { resolve } from 'node:path';
import { issue } from '../../../src/adapters/certificates/authority.ts';
import { newRequest } from '../../../src/adapters/certificates/certificate-request.ts';
import { controllerId, nodeName } from '../../../src/core/ids.ts';
import { nodeIdentity } from '../../../src/core/identity.ts';
import type { KeyMaterial } from '../../../src/ports/credentials.ts';
import { around, over, TestAuthority } from '../../../src/testing/certificates.ts';
import { type Host, MANAGEMENT_NIC } from '../../lib/host.ts';
import { ip } from '../../lib/ip.ts';
import { sleep } from '../../lib/wait.ts';
import type { Roles } from '../../matrix/fault.ts';
import { nothing } from '../../matrix/promises.ts';
import { podsOf } from '../pods.ts';
import {
  AGENT_METRICS_PORT,
  CONTROLLER_METRICS_PORT,
  CONTROLLER_PORT,
  IDENTITY_PORT,
  metricsOf,
  WITNESS_PORT,
} from '../release.ts';
import { run } from '../run.ts';
import type { Order } from './attacker.ts';
import {
  type Attack,
  attacksWith,
  type Disguises,
  type Door,
  type Logged,
  mostLines,
  type Outcome,
  poorlyLogged,
  poorlyRefused,
} from './attacks.ts';
import { authorityBook } from './certificates.ts';
import type { ClusterFault } from './fault.ts';
import { refusalsOf } from './pod-logs.ts';
import type { ClusterScene } from './scene.ts';

const ATTACKER = resolve(import.meta.dirname, 'attacker.ts');
const INTRUDER = nodeName('intruder');
const CONNECTIONS = 10_000;
/** Until the last line is in the files. */
const WRITTEN_MS = 1_000;

/** Ports, and whose log tells of them. */
const DOORS: Readonly<Record<Door, { readonly port: number; readonly component: 'controller' | 'agent' }>> = {
  controller: { port: CONTROLLER_PORT, component: 'controller' },
  identity: { port: IDENTITY_PORT, component: 'controller' },
  witness: { port: WITNESS_PORT, component: 'agent' },
  'controller metrics': { port: CONTROLLER_METRICS_PORT, component: 'controller' },
  'agent metrics': { port: AGENT_METRICS_PORT, component: 'agent' },
};

export const HOSTILE: ClusterFault = {
  name: 'hostile',
  does: `strangers without a good certificate, with bad messages and with ${CONNECTIONS} connections at every port`,
  heals: '-',
  promised: nothing,
  promisedBack: nothing,
  // Of somebody who comes again only some lines are written.
  once: true,
  keepsPods: true,
  async inflict(scene, roles) {
    const from = scene.lab.host(roles.third);
    const attacks = attacksWith(await disguised(scene, roles));
    const addresses = attacks.map((_, index) => `10.77.0.${100 + index}`);
    const nic = (verb: string): void =>
      ip(...addresses.map((address) => `-n ${from.name} addr ${verb} ${address}/32 dev ${MANAGEMENT_NIC}`));
    nic('add');
    try {
      const controllers = await controllerHosts(scene);
      for (const [index, attack] of attacks.entries()) {
        scene.findings.push(...(await attacked(scene, { attack, from, address: addresses[index] ?? '', controllers })));
      }
    } finally {
      nic('del');
    }
    for (const door of Object.keys(DOORS) as Door[]) {
      scene.findings.push(
        ...(await flooded(scene, from, door, DOORS[door].component === 'controller' ? roles.master : roles.holder)),
      );
    }
    return () => undefined;
  },
};

interface Attempt {
  readonly attack: Attack;
  readonly from: Host;
  /** Of the attacker: another one for each attack, since lines are written once for an address. */
  readonly address: string;
  readonly controllers: readonly Host[];
}

/** Every controller, or every agent, by one attack. */
async function attacked(
  { lab }: ClusterScene,
  { attack, from, address, controllers }: Attempt,
): Promise<readonly string[]> {
  const { port, component } = DOORS[attack.door];
  const hosts = component === 'controller' ? controllers : [...lab.hosts.values()];
  const targets = hosts.map(({ addresses: { management: host } }) => ({ host, port }));
  const since = new Date().toISOString();
  const outcomes = await ordered<readonly Outcome[]>(from, {
    kind: 'attack',
    manner: attack.manner,
    from: address,
    targets,
  });
  await sleep(WRITTEN_MS);
  return hosts.flatMap((host, index) => {
    const outcome = outcomes[index];
    const lines = refusalsOf(host, component, since).filter((line) => line.from === address);
    return [...(outcome ? poorlyRefused(attack, host.name, outcome) : []), ...poorlyLogged(attack, host.name, lines)];
  });
}

/** By the address of the node itself, as a pod on its network does it. */
async function flooded({ lab }: ClusterScene, from: Host, door: Door, name: string): Promise<readonly string[]> {
  const { port, component } = DOORS[door];
  const host = lab.host(name);
  const since = new Date().toISOString();
  const target = { host: host.addresses.management, port };
  const { closed, ms } = await ordered<{ closed: number; ms: number }>(from, {
    kind: 'flood',
    target,
    connections: CONNECTIONS,
  });
  await sleep(WRITTEN_MS);
  const isServed =
    (await metricsOf(host, component === 'controller' ? CONTROLLER_METRICS_PORT : AGENT_METRICS_PORT)) !== '';
  const lines = refusalsOf(host, component, since).filter((line) => line.from === from.addresses.management);
  const what = `${CONNECTIONS} connections at ${door} of ${name}`;
  return [
    ...(closed === CONNECTIONS ? [] : [`${what}: ${closed} were closed`]),
    ...(isServed ? [] : [`${what}: nobody serves metrics any more`]),
    ...repeated(lines, mostLines(ms + WRITTEN_MS)).map((text) => `${what}: ${text}`),
  ];
}

/** One line for each reason that was logged more often than that. */
function repeated(lines: readonly Logged[], most: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const { message, reason } of lines) {
    const text = `${message}: ${reason}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].flatMap(([text, count]) =>
    count > most ? [`logged ${count} times "${text}", at most ${most}`] : [],
  );
}

const ordered = async <T>({ name }: Host, order: Order): Promise<T> =>
  JSON.parse(
    await run('nsenter', [`--net=/run/netns/${name}`, process.execPath, ATTACKER], { input: JSON.stringify(order) }),
  ) as T;

async function controllerHosts({ lab, kube }: ClusterScene): Promise<readonly Host[]> {
  return (await podsOf(kube.client, 'controller')).map(({ node }) => lab.host(node));
}

async function disguised({ kube: { client } }: ClusterScene, { holder }: Roles): Promise<Disguises> {
  const { issuer } = await authorityBook(client);
  const identity = nodeIdentity(INTRUDER);
  const ofCluster = async (validity = around()): Promise<KeyMaterial> => ({
    ...(await issue(issuer, { name: INTRUDER, identity }, validity)),
    authorities: issuer.certificate,
  });
  const [controller] = await podsOf(client, 'controller');
  if (!controller) throw new Error('there is no controller to disguise as');
  const node = nodeName(holder);
  const { request } = await newRequest({ name: node, identity: nodeIdentity(node) });
  return {
    otherAuthority: await (await TestAuthority.create()).material(identity),
    expired: await ofCluster(over()),
    certified: await ofCluster(),
    node,
    // Pods of controllers are called as these are.
    controller: controllerId(controller.name),
    controllerHost: controller.node,
    certificateRequest: request,
  };
}
