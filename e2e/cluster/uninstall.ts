/**
 * `make e2e-uninstall`: whatever goes first, and whether every node is up or not, an uninstalled release leaves nothing.
 * ONLY (names of stories, default all). Exit code 0 only if nothing was left.
 */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText } from '../../src/core/error-text.ts';
import { say, title } from '../demo/screen.ts';
import type { Host } from '../lib/host.ts';
import { named } from '../lib/named.ts';
import { Observer } from '../lib/observer.ts';
import { poolManifest } from '../lib/pool-manifest.ts';
import { waitFor } from '../lib/wait.ts';
import { addressesOf } from '../matrix/vips.ts';
import { begin } from './begin.ts';
import type { Image } from './images.ts';
import { KubeCluster } from './kube-cluster.ts';
import { leftovers } from './leftovers.ts';
import { install, masterNode, podsGone, removeRelease } from './release.ts';
import { missingForCluster } from './tools.ts';

const LOGS = resolve(import.meta.dirname, '../../reports/cluster-logs');
const NODES = 3;
const POOL = 'nas';
const { pool: ADDRESSES, observed: VIPS } = addressesOf('hosts');
const DEFINITIONS = ['vippools', 'nodehealths', 'viptasks'].map((plural) => `crd/${plural}.vippool.io`);
const MASTER_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 120_000;

/** What is done to a cluster whose nodes hold the addresses of a pool, until release and pool are gone. */
const STORIES: Readonly<Record<string, (cluster: KubeCluster) => Promise<void>>> = {
  async 'release-first'(cluster) {
    await removeRelease(cluster.client);
    await podsGone(cluster.client);
    await nothingLeft(cluster);
    await deletePools(cluster);
  },

  async 'pools-first-node-down'(cluster) {
    const host = await powerOffHolder(cluster);
    await deletePools(cluster);
    await removeRelease(cluster.client);
    await bringBack(cluster, host);
  },

  async 'release-first-node-down'(cluster) {
    const host = await powerOffHolder(cluster);
    await removeRelease(cluster.client);
    await deletePools(cluster);
    await bringBack(cluster, host);
  },
};

const refuse = (error: unknown): never => {
  process.stderr.write(`e2e-uninstall: ${errorText(error)}\n`);
  process.exit(2);
};

const chosen = wanted();
const images = await begin().catch(refuse);
const missing = missingForCluster();
if (missing !== undefined) refuse(missing);
process.once('SIGINT', () => process.exit(130));

const broken: string[] = [];
for (const story of chosen) {
  title(story);
  try {
    await tell(story, images);
  } catch (error) {
    say(`-> ${errorText(error)}`);
    broken.push(story);
  }
}
say(`\n${chosen.length} stories, ${broken.length} broken${broken.length > 0 ? `: ${broken.join(', ')}` : ''}`);
process.exit(broken.length > 0 ? 1 : 0);

function wanted(): readonly string[] {
  try {
    const names = (process.env['ONLY'] ?? '').split(',').filter((name) => name !== '');
    return names.length === 0 ? Object.keys(STORIES) : named('ONLY', names, Object.keys(STORIES));
  } catch (error) {
    return refuse(error);
  }
}

/** On a cluster of its own: a release that is installed again would find the data of its etcd. */
async function tell(story: string, all: readonly Image[]): Promise<void> {
  const cluster = await KubeCluster.start(NODES);
  try {
    await cluster.loadImages(all);
    await cluster.startDns();
    await install(cluster.client);
    await cluster.client.apply(poolManifest(POOL, ADDRESSES));
    await everyAddressHeld(cluster);
    say('-> every address is held');
    await STORIES[story]?.(cluster);
    await nothingLeft(cluster);
    await cluster.client.kubectl(['get', ...DEFINITIONS]);
    await cluster.client.kubectl(['delete', ...DEFINITIONS, '--timeout=30s']);
    say(
      '-> no address, no table of nftables and no finalizer is left, and the definitions went when they were deleted',
    );
  } catch (error) {
    cpSync(cluster.lab.logs, join(LOGS, `uninstall-${story}`), { recursive: true });
    throw error;
  } finally {
    await cluster.destroy();
  }
}

async function everyAddressHeld({ lab }: KubeCluster): Promise<void> {
  const observer = await Observer.start(lab, VIPS);
  try {
    await observer.settled([...lab.hosts.keys()], SETTLED_WITHIN_MS);
  } finally {
    await observer.stop();
  }
}

/** Supervisor, agent and kubelet are gone with it. It does not run the master, so nobody waits for another one. */
async function powerOffHolder({ lab }: KubeCluster): Promise<Host> {
  const master = await waitFor('a master', () => masterNode(lab), MASTER_WITHIN_MS);
  const host = [...lab.hosts.values()].find(({ name }) => name !== master);
  if (!host) throw new Error('every node is the one of the master');
  await host.powerOff();
  say(`-> ${host.name} is off`);
  return host;
}

async function bringBack(cluster: KubeCluster, host: Host): Promise<void> {
  host.powerOn();
  await cluster.nodesReady();
  await podsGone(cluster.client);
  say(`-> ${host.name} is back, and no pod is left`);
}

async function deletePools({ client }: KubeCluster): Promise<void> {
  await client.kubectl(['delete', 'vippools', '--all', '--timeout=60s']);
  say('-> the pools are gone');
}

async function nothingLeft(cluster: KubeCluster): Promise<void> {
  const left = await leftovers(cluster);
  if (left.length > 0) throw new Error(`left: ${left.join('; ')}`);
}
