import { join } from 'node:path';
import { CLIENT, type Lab } from './lab.ts';
import type { Holding } from './probe/holding-book.ts';
import { MeasuringProcess } from './probe/measuring-process.ts';
import type { Outages } from './probe/outages.ts';
import { now, waitFor } from './wait.ts';

export interface ObserverOptions {
  /** A client probes each VIP so often. Default 5. */
  readonly probeMs?: number;
  /** Each host is asked so often which VIPs it has. Default 10. */
  readonly askMs?: number;
}

/** What client and wire saw since a mark. */
export class Seen {
  readonly #outages: ReadonlyMap<string, Outages>;
  readonly #holdings: ReadonlyMap<string, Holding>;

  constructor(outages: ReadonlyMap<string, Outages>, holdings: ReadonlyMap<string, Holding>) {
    this.#outages = outages;
    this.#holdings = holdings;
  }

  /** Longest time without an answer, milliseconds. */
  outage(vip: string): number {
    return this.#outages.get(vip)?.longestMs ?? Number.POSITIVE_INFINITY;
  }

  /** CLOCK_MONOTONIC of the first probe that was answered. */
  firstAnswer(vip: string): number | undefined {
    return this.#outages.get(vip)?.firstAnsweredAt;
  }

  get worstOutage(): number {
    return this.worstOutageOfOthers();
  }

  worstOutageOfOthers(...except: readonly string[]): number {
    const others = [...this.#outages].filter(([vip]) => !except.includes(vip));
    return Math.max(0, ...others.map(([, { longestMs }]) => longestMs));
  }

  /** Longest time that two hosts answered for one VIP. */
  get twoHoldersMs(): number {
    return Math.max(0, ...[...this.#holdings.values()].map((holding) => holding.twoHoldersMs));
  }
}

/** A client of the VIPs, and a tap on every host's port. */
export class Observer {
  readonly #echo: MeasuringProcess;
  readonly #prober: MeasuringProcess;
  readonly #asker: MeasuringProcess;
  readonly #all: MeasuringProcess[];

  private constructor(lab: Lab, { probeMs = 5, askMs = 10 }: ObserverOptions) {
    const script = (name: string): string => join(import.meta.dirname, 'probe', `${name}.ts`);
    const hosts = [...lab.hosts.keys()];
    this.#echo = new MeasuringProcess(script('echo'), hosts);
    this.#prober = new MeasuringProcess(script('prober'), [String(probeMs)], CLIENT);
    this.#asker = new MeasuringProcess(script('asker'), [String(askMs), ...hosts]);
    this.#all = [this.#echo, this.#prober, this.#asker];
  }

  static async start(lab: Lab, vips: readonly string[], options: ObserverOptions = {}): Promise<Observer> {
    const observer = new Observer(lab, options);
    await observer.add(vips);
    return observer;
  }

  async add(vips: readonly string[]): Promise<void> {
    await this.#echo.add(vips);
    await Promise.all([this.#prober.add(vips), this.#asker.add(vips)]);
  }

  mark(): number {
    return now();
  }

  async since(mark: number): Promise<Seen> {
    return new Seen(await this.#prober.report<Outages>(mark), await this.#asker.report<Holding>(mark));
  }

  /** Hosts that answer for each VIP now. */
  async holders(): Promise<ReadonlyMap<string, readonly string[]>> {
    const holdings = await this.#asker.report<Holding>(now());
    return new Map([...holdings].map(([vip, { holders }]) => [vip, holders]));
  }

  async waitForHolder(vip: string, host: string, timeoutMs = 10_000): Promise<void> {
    const alone = async (): Promise<boolean> => (await this.holders()).get(vip)?.join() === host;
    await waitFor(`${vip} to be on ${host} alone`, alone, timeoutMs);
  }

  /** Waits until every VIP is on exactly one of these hosts, each of which has its fair share. */
  async settled(hosts: readonly string[], timeoutMs?: number): Promise<void> {
    await this.settledOn([...(await this.holders()).keys()], hosts, timeoutMs);
  }

  /** The same for some of the VIPs. */
  async settledOn(vips: readonly string[], hosts: readonly string[], timeoutMs = 15_000): Promise<void> {
    let last = '';
    const fair = async (): Promise<boolean> => {
      const holders = new Map([...(await this.holders())].filter(([vip]) => vips.includes(vip)));
      last = JSON.stringify([...holders]);
      const load = hosts.map((host) => [...holders.values()].filter((list) => list.join() === host).length);
      const held = load.reduce((sum, count) => sum + count, 0);
      return held === holders.size && Math.max(...load) - Math.min(...load) <= 1;
    };
    await waitFor(`every VIP to be on one of ${hosts.join(', ')}, evenly`, fair, timeoutMs, () => last);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((item) => item.stop()));
  }
}
