import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { table } from '../../bench/table.ts';
import { Cluster, PROGRAM } from '../lib/cluster.ts';
import type { Host } from '../lib/host.ts';
import { isolationPid } from '../lib/isolation.ts';
import { Lab } from '../lib/lab.ts';
import { Observer } from '../lib/observer.ts';
import { sleep, waitFor } from '../lib/wait.ts';
import { say } from './screen.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/nas-pool.yaml');
/** The addresses of that example. */
const VIPS = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '2001:db8::10'];
const HOSTS = ['node-1', 'node-2', 'node-3'];
/** Short, so that nobody waits for a failback; the default is 30 s. */
const FAILBACK_DELAY = '3s';

interface Step {
  readonly name: string;
  readonly outageMs: number;
  readonly promisedMs: number;
  readonly twoHoldersMs: number;
}

/** The demo's cluster, what is done to it, and what a client saw of that. */
export class Story {
  readonly #lab: Lab;
  readonly #cluster: Cluster;
  readonly #observer: Observer;
  readonly #manifest: { spec: Record<string, unknown> };
  readonly #steps: Step[] = [];
  #down: Host | undefined;

  private constructor(lab: Lab, cluster: Cluster, observer: Observer, manifest: { spec: Record<string, unknown> }) {
    this.#lab = lab;
    this.#cluster = cluster;
    this.#observer = observer;
    this.#manifest = manifest;
  }

  static async begin(etcd: string): Promise<Story> {
    const lab = Lab.create(HOSTS);
    const cluster = await Cluster.start(lab, { etcd });
    const observer = await Observer.start(lab, VIPS);
    const manifest = parse(readFileSync(EXAMPLE, 'utf8')) as { spec: Record<string, unknown> };
    return new Story(lab, cluster, observer, {
      ...manifest,
      spec: { ...manifest.spec, failback: { delay: FAILBACK_DELAY } },
    });
  }

  async applyPool(): Promise<void> {
    this.#apply({});
    await this.#cluster.ready('nas');
    await this.#observer.settled(HOSTS);
    // Only a node that has been healthy for the failback delay is moved to.
    await sleep(3_000);
  }

  async showTable(): Promise<void> {
    await waitFor('the status to be written', () => this.#statusIsTrue(), 5_000);
    const program = [PROGRAM, 'status', '--source', `dir:${this.#cluster.manifests}`];
    say(`\n${execFileSync(process.execPath, program, { encoding: 'utf8' }).trimEnd()}`);
  }

  async #statusIsTrue(): Promise<boolean> {
    const holders = await this.#observer.holders();
    const bindings = this.#cluster.poolStatus('nas')?.bindings ?? [];
    return VIPS.every((vip) => bindings.find((item) => item.address === vip)?.node === holders.get(vip)?.join());
  }

  async move(promisedMs: number): Promise<void> {
    const vip = VIPS[0] ?? '';
    const from = (await this.#observer.holders()).get(vip)?.join() ?? '';
    const to = HOSTS.find((host) => host !== from) ?? '';
    say(`spec.placement.homes: { ${vip}: ${to} } (it is on ${from})`);
    const mark = this.#observer.mark();
    this.#apply({ [vip]: to });
    await this.#observer.waitForHolder(vip, to);
    await this.#finish('planned move', mark, promisedMs);
  }

  async pullThePlug(promisedMs: number): Promise<void> {
    const master = (await this.#cluster.master()) ?? '';
    const holders = await this.#observer.holders();
    const lost = VIPS.filter((vip) => holders.get(vip)?.join() === master);
    say(`\n${master} is the master and holds ${lost.join(' and ')}. Power off.`);
    const mark = this.#observer.mark();
    this.#down = this.#lab.host(master);
    await this.#down.powerOff();
    await this.#observer.settled(
      HOSTS.filter((host) => host !== master),
      30_000,
    );
    await this.#finish('power-off of the master and holder', mark, promisedMs);
    say(`The master is now ${await this.#cluster.master()}.`);
  }

  async bringBack(promisedMs: number): Promise<void> {
    const host = this.#down;
    if (!host) throw new Error('no host is down');
    say(`Power on for ${host.name}. Its VIPs return after ${FAILBACK_DELAY} of continuous health.`);
    const mark = this.#observer.mark();
    host.powerOn();
    const home = async (): Promise<boolean> => {
      const holders = await this.#observer.holders();
      const homes = this.#cluster.poolStatus('nas')?.bindings ?? [];
      return homes.every(({ address, home: node }) => holders.get(address)?.join() === node);
    };
    await waitFor('every VIP to be at home', home, 30_000, () => this.#cluster.logs());
    await this.#finish('failback', mark, promisedMs);
  }

  /** Prints all steps; true where each was as promised. */
  summary(): boolean {
    const kept = (step: Step): boolean => step.outageMs <= step.promisedMs && step.twoHoldersMs === 0;
    const rows = this.#steps.map((step) => [
      step.name,
      `${step.outageMs.toFixed(0)} ms`,
      `${step.promisedMs.toFixed(0)} ms`,
      `${step.twoHoldersMs.toFixed(0)} ms`,
      kept(step) ? 'kept' : 'BROKEN',
    ]);
    say(`\n${table([['STEP', 'OUTAGE', 'PROMISED', 'TWO HOLDERS', 'PROMISE'], ...rows])}`);
    say('\nOutage: the longest time that a client, which probes every VIP each 5 ms, got no answer.');
    return this.#steps.every(kept);
  }

  /** Leaves everything as it is until Ctrl-C. */
  async keep(): Promise<void> {
    say(`\nEverything keeps running until Ctrl-C. Look inside from another terminal, as root:
  PID=${isolationPid()}
  nsenter --target $PID --net --mount ip netns exec node-1 ip addr show dev eth1
  nsenter --target $PID --net --mount --wd=${process.cwd()} ${process.execPath} ${PROGRAM} status --source dir:${this.#cluster.manifests}
  nsenter --target $PID --net --mount tail -f ${join(this.#lab.host('node-1').logs, 'agent.log')}
Manifests: ${this.#cluster.manifests} (edit nas.yaml and watch)`);
    await new Promise(() => undefined);
  }

  async end(): Promise<void> {
    await this.#observer.stop();
    await this.#lab.destroy();
  }

  #apply(homes: Readonly<Record<string, string>>): void {
    const spec = { ...this.#manifest.spec, placement: { homes } };
    this.#cluster.apply('nas', stringify({ ...this.#manifest, spec }));
  }

  async #finish(name: string, mark: number, promisedMs: number): Promise<void> {
    await sleep(300);
    const seen = await this.#observer.since(mark);
    const step = { name, outageMs: seen.worstOutage, promisedMs, twoHoldersMs: seen.twoHoldersMs };
    this.#steps.push(step);
    say(
      `-> outage ${step.outageMs.toFixed(0)} ms (promised ${promisedMs.toFixed(0)}), two holders ${step.twoHoldersMs.toFixed(0)} ms`,
    );
  }
}
