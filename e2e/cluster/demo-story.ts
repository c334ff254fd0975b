import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { table } from '../../bench/table.ts';
import type { VipPoolStatus } from '../../src/core/api/types.gen.ts';
import { say } from '../demo/screen.ts';
import { MOVE_MS, TAKEOVER_MS } from '../lib/bounds.ts';
import type { Host } from '../lib/host.ts';
import { Observer } from '../lib/observer.ts';
import { now, sleep, waitFor } from '../lib/wait.ts';
import type { Image } from './images.ts';
import { KubeCluster } from './kube-cluster.ts';
import { leftovers } from './leftovers.ts';
import { install, masterNode, NAMESPACE, test, uninstall } from './release.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/nas-pool.yaml');
/** The addresses of that example. */
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const INSTALL_MS = 60_000;
const FIRST_ANSWER_MS = 1_000;
/** Short, so that nobody waits for a failback, but longer than a node boots: that keeps the one machine of all of them busy. */
const FAILBACK_DELAY_MS = 10_000;
const WAIT_MS = 60_000;
const HOME_WITHIN_MS = 180_000;
/** Until the first questions are answered after a change, in a report that says nothing of it. */
const AFTERMATH_MS = 300;
/** A machine that is this busy is worth a word. */
const LATE_MS = 20;

interface Promised {
  readonly what: string;
  readonly ms: number;
  readonly promisedMs: number;
  readonly twoHoldersMs?: number;
}

/** What is done to the demo's cluster, and what a client saw of it. */
export class DemoStory {
  readonly #count: number;
  readonly #images: readonly Image[];
  readonly #promises: Promised[] = [];
  #running: { readonly cluster: KubeCluster; readonly observer: Observer } | undefined;
  #down: Host | undefined;

  constructor(count: number, images: readonly Image[]) {
    this.#count = count;
    this.#images = images;
  }

  get kubeconfig(): string {
    return this.#cluster.client.kubeconfig;
  }

  get #cluster(): KubeCluster {
    if (!this.#running) throw new Error('the cluster does not run');
    return this.#running.cluster;
  }

  get #observer(): Observer {
    if (!this.#running) throw new Error('the cluster does not run');
    return this.#running.observer;
  }

  get #hosts(): readonly string[] {
    return [...this.#cluster.nodes.keys()];
  }

  async startCluster(): Promise<void> {
    const { value: cluster } = await timed('every node is Ready', () => KubeCluster.start(this.#count));
    try {
      await timed('images are loaded', () => cluster.loadImages(this.#images));
      await timed('the DNS of the cluster answers', () => cluster.startDns());
      this.#running = { cluster, observer: await Observer.start(cluster.lab, VIPS) };
    } catch (error) {
      await cluster.destroy();
      throw error;
    }
  }

  async install(): Promise<void> {
    const { client } = this.#cluster;
    const { ms } = await timed('every part is Ready', () => install(client));
    this.#promises.push({ what: 'helm install to Ready', ms, promisedMs: INSTALL_MS });
    say((await client.kubectl(['-n', NAMESPACE, 'get', 'pods', '-o', 'wide'])).trimEnd());
  }

  async applyPool(): Promise<void> {
    const { client } = this.#cluster;
    const mark = this.#observer.mark();
    await client.apply(readFileSync(EXAMPLE, 'utf8'));
    const applied = now();
    const first = await waitFor('a first answer', () => this.#firstAnswer(mark), WAIT_MS);
    this.#promises.push({ what: 'kubectl apply to the first answer', ms: first - mark, promisedMs: FIRST_ANSWER_MS });
    say(`-> first answer after ${seconds(first - mark)}, of which kubectl took ${seconds(applied - mark)}`);
    await this.#observer.settled(this.#hosts);
    await client.kubectl(['wait', '--for=condition=Ready', '--timeout=30s', 'vippool/nas']);
    const patch = JSON.stringify({ spec: { failback: { delay: `${FAILBACK_DELAY_MS}ms` } } });
    await client.kubectl(['patch', 'vippool', 'nas', '--type=merge', '-p', patch]);
    // Only a node that has been well for that long is moved to.
    await sleep(FAILBACK_DELAY_MS);
    await this.#show();
  }

  async pullThePlug(): Promise<void> {
    const name = await waitFor('a master', () => masterNode(this.#cluster.lab), WAIT_MS);
    const lost = await this.#heldBy(name);
    say(`${name} runs the master and holds ${lost.join(' and ')}. Power off: kubelet, containerd, pods and NICs.`);
    const mark = this.#observer.mark();
    this.#down = this.#cluster.lab.host(name);
    await this.#down.powerOff();
    await this.#observer.settled(
      this.#hosts.filter((host) => host !== name),
      WAIT_MS,
    );
    await this.#seen('power-off of the master and holder', mark, TAKEOVER_MS);
    await this.#show();
  }

  async bringBack(): Promise<void> {
    const host = this.#down;
    if (!host) throw new Error('no node is down');
    const mark = this.#observer.mark();
    host.powerOn();
    await timed(`${host.name} is on, and every VIP is at home`, () =>
      waitFor('every VIP to be at home', () => this.#atHome(), HOME_WITHIN_MS),
    );
    await this.#seen('failback', mark, MOVE_MS);
  }

  async test(): Promise<void> {
    await this.#cluster.nodesReady();
    const { client } = this.#cluster;
    await timed('it passes', () => test(client));
  }

  async uninstall(): Promise<void> {
    const { client } = this.#cluster;
    await timed('kubectl delete vippools --all', () =>
      client.kubectl(['delete', 'vippools', '--all', '--timeout=30s']),
    );
    await timed('helm uninstall', () => uninstall(client));
    await client.kubectl(['delete', 'nodehealths', '--all', '--timeout=30s']);
    const left = await leftovers(this.#cluster);
    if (left.length > 0) throw new Error(`uninstalling left: ${left.join('; ')}`);
    say('-> no address, no table of nftables and no finalizer is left');
  }

  /** Prints all promises; true where each was kept. */
  summary(): boolean {
    const kept = ({ ms, promisedMs, twoHoldersMs = 0 }: Promised): boolean => ms <= promisedMs && twoHoldersMs === 0;
    const rows = this.#promises.map((item) => [
      item.what,
      seconds(item.ms),
      seconds(item.promisedMs),
      item.twoHoldersMs === undefined ? '' : seconds(item.twoHoldersMs),
      kept(item) ? 'kept' : 'BROKEN',
    ]);
    say(`\n${table([['STEP', 'TOOK', 'PROMISED', 'TWO HOLDERS', 'PROMISE'], ...rows])}`);
    return this.#promises.every(kept);
  }

  async end(): Promise<void> {
    await this.#running?.observer.stop();
    await this.#running?.cluster.destroy();
  }

  async #firstAnswer(mark: number): Promise<number | undefined> {
    const seen = await this.#observer.since(mark);
    const answers = VIPS.flatMap((vip) => seen.firstAnswer(vip) ?? []);
    return answers.length === 0 ? undefined : Math.min(...answers);
  }

  async #heldBy(name: string): Promise<readonly string[]> {
    return [...(await this.#observer.holders())].flatMap(([vip, hosts]) => (hosts.join() === name ? [vip] : []));
  }

  async #atHome(): Promise<boolean> {
    const holders = await this.#observer.holders();
    const pool = (await this.#cluster.client.get('vippool', 'nas')) as { status?: VipPoolStatus };
    const bindings = pool.status?.bindings ?? [];
    return bindings.length > 0 && bindings.every(({ address, home }) => holders.get(address)?.join() === home);
  }

  async #show(): Promise<void> {
    say((await this.#cluster.client.kubectl(['get', 'vippools,nodehealths'])).trimEnd());
  }

  async #seen(what: string, mark: number, promisedMs: number): Promise<void> {
    await sleep(AFTERMATH_MS);
    const { worstOutage, twoHoldersMs, clientLatenessMs } = await this.#observer.since(mark);
    this.#promises.push({ what: `outage: ${what}`, ms: worstOutage, promisedMs, twoHoldersMs });
    const late = clientLatenessMs > LATE_MS ? `, the client itself was ${clientLatenessMs.toFixed(0)} ms late` : '';
    say(
      `-> outage ${worstOutage.toFixed(0)} ms (promised ${promisedMs.toFixed(0)}), two holders ${twoHoldersMs} ms${late}`,
    );
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** Prints how long it took. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const startedAt = now();
  const value = await work();
  const ms = now() - startedAt;
  say(`-> ${what} after ${seconds(ms)}`);
  return { ms, value };
}
