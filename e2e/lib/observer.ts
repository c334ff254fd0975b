import { CLIENT, type Lab } from './lab.ts';
import {
  type AskerHandle,
  type Echo,
  type HolderResults,
  type Outage,
  type ProbeResults,
  type ProberHandle,
  startAsker,
  startEcho,
  startProber,
} from './probe/index.ts';
import { now, waitFor } from './wait.ts';

export interface ObserverOptions {
  /** A client probes each VIP so often. Default 5. */
  readonly probeMs?: number;
  /** Each host is asked so often which VIPs it has. Default 10. */
  readonly askMs?: number;
  /** A probe that is answered later counts as lost. Default 100. */
  readonly answerWithinMs?: number;
}

/** Every time without an answer, of probes that never pause. */
export interface ProbeLog {
  /** How long it is. */
  readonly ms: number;
  /** How many are probed. */
  readonly vips: number;
  /** Probes that were not answered. */
  readonly lost: number;
  /** How late the client itself was at worst: a shorter time without an answer may have gone unseen. */
  readonly latenessMs: number;
  /** Oldest first, from the beginning of the log. */
  readonly gaps: readonly { readonly vip: string; readonly atMs: number; readonly ms: number }[];
}

/** What client and wire saw since a mark. */
export class Seen {
  readonly #probes: ProbeResults;
  readonly #holders: HolderResults;
  readonly #answerWithinMs: number;

  constructor(probes: ProbeResults, holders: HolderResults, answerWithinMs: number) {
    this.#probes = probes;
    this.#holders = holders;
    this.#answerWithinMs = answerWithinMs;
  }

  /** Longest time without an answer, milliseconds; the part before the mark does not count. */
  outage(vip: string): number {
    const { sinceMs } = this.#probes;
    const since = ({ ms, startedAtMs }: Outage): number => Math.max(0, ms - Math.max(0, sinceMs - startedAtMs));
    return Math.max(0, ...(this.#probes.vips[vip]?.outages ?? []).map(since));
  }

  /**
   * CLOCK_MONOTONIC when a VIP without a holder was answered at the latest: its first answered probe may have waited for
   * the holder, but no longer than `answerWithinMs`. Undefined while there is no answer.
   */
  firstAnswer(vip: string): number | undefined {
    const { sinceMs, vips } = this.#probes;
    const run = vips[vip]?.hosts.find(({ lastAtMs }) => lastAtMs >= sinceMs);
    return run && Math.max(sinceMs, run.firstAtMs + this.#answerWithinMs);
  }

  /** CLOCK_MONOTONIC when a VIP was first answered by a host other than this one; undefined while it was not. */
  answeredElsewhere(vip: string, host: string): number | undefined {
    const { sinceMs, vips } = this.#probes;
    return vips[vip]?.hosts.find((run) => run.host !== host && run.lastAtMs >= sinceMs)?.firstAtMs;
  }

  /** CLOCK_MONOTONIC since when this host has answered for a VIP without another one; undefined while it does not. */
  answeredSince(vip: string, host: string): number | undefined {
    const last = this.#probes.vips[vip]?.hosts.at(-1);
    return last?.host === host ? last.firstAtMs : undefined;
  }

  /** VIPs that have no answer now. */
  get silent(): readonly string[] {
    const open = ({ endedAtMs }: Outage): boolean => endedAtMs === undefined;
    return Object.entries(this.#probes.vips).flatMap(([vip, { outages }]) => (outages.some(open) ? [vip] : []));
  }

  get worstOutage(): number {
    return this.worstOutageOfOthers();
  }

  worstOutageOfOthers(...except: readonly string[]): number {
    const others = Object.keys(this.#probes.vips).filter((vip) => !except.includes(vip));
    return Math.max(0, ...others.map((vip) => this.outage(vip)));
  }

  get log(): ProbeLog {
    const { sinceMs, untilMs, vips } = this.#probes;
    const outages = Object.entries(vips).flatMap(([vip, { outages: list }]) => list.map((outage) => ({ vip, outage })));
    const gaps = outages.map(({ vip, outage: { startedAtMs, ms } }) => ({
      vip,
      atMs: Math.round(Math.max(0, startedAtMs - sinceMs)),
      ms: Number(ms.toFixed(1)),
    }));
    return {
      ms: Math.round(untilMs - sinceMs),
      vips: Object.keys(vips).length,
      lost: outages.reduce((sum, { outage }) => sum + outage.probesLost, 0),
      latenessMs: this.clientLatenessMs,
      gaps: gaps.sort((a, b) => a.atMs - b.atMs),
    };
  }

  /** How often VIPs were answered by another host than before. */
  get moves(): number {
    return Object.keys(this.#holders.vips).reduce((sum, vip) => sum + this.movesOf(vip), 0);
  }

  /** How often this one was. One that left before the first round since the mark has left its holder of before. */
  movesOf(vip: string): number {
    const { before = [], runs = [] } = this.#holders.vips[vip] ?? {};
    const holders = [before, ...runs.map(({ hosts }) => hosts)]
      .map((hosts) => hosts.join())
      .filter((name) => name !== '');
    return holders.filter((name, index) => index > 0 && name !== holders[index - 1]).length;
  }

  /** How late the client itself was at worst: an outage shorter than this may have gone unseen. */
  get clientLatenessMs(): number {
    return this.#probes.ownLateness.longestMs;
  }

  /** Longest time that two hosts answered for one VIP. */
  get twoHoldersMs(): number {
    return Math.max(0, ...Object.values(this.#holders.vips).map((holders) => holders.twoHoldersMs));
  }
}

/** A client of the VIPs, and a tap on every host's port. */
export class Observer {
  readonly #echo: Echo;
  readonly #prober: ProberHandle;
  readonly #asker: AskerHandle;
  readonly #answerWithinMs: number;
  #vips: readonly string[];

  private constructor(
    { echo, prober, asker }: { echo: Echo; prober: ProberHandle; asker: AskerHandle },
    vips: readonly string[],
    answerWithinMs: number,
  ) {
    this.#echo = echo;
    this.#prober = prober;
    this.#asker = asker;
    this.#vips = vips;
    this.#answerWithinMs = answerWithinMs;
  }

  static async start(lab: Lab, vips: readonly string[], options: ObserverOptions = {}): Promise<Observer> {
    const { probeMs = 5, askMs = 10, answerWithinMs = 100 } = options;
    const hosts = [...lab.hosts.keys()];
    const [echo, prober, asker] = await Promise.all([
      startEcho({ hosts }),
      startProber({ namespace: CLIENT, vips, intervalMs: probeMs, answerWithinMs }),
      startAsker({ hosts, vips, intervalMs: askMs }),
    ]);
    return new Observer({ echo, prober, asker }, vips, answerWithinMs);
  }

  /** From now on these VIPs are observed as well. */
  async add(vips: readonly string[]): Promise<void> {
    this.#vips = [...this.#vips, ...vips];
    await Promise.all([this.#prober.setVips(this.#vips), this.#asker.setVips(this.#vips)]);
  }

  mark(): number {
    return now();
  }

  /** Waits until every probe sent so far is answered or lost. */
  async since(mark: number): Promise<Seen> {
    return new Seen(await this.#prober.results(mark), await this.#asker.results(mark), this.#answerWithinMs);
  }

  /** Hosts that answer for each VIP now. */
  async holders(): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = await this.#asker.holdersNow();
    return new Map(this.#vips.map((vip) => [vip, [...(found[vip] ?? [])].sort()]));
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

  /** Waits until every VIP is on exactly one of these hosts, however uneven. */
  async heldBy(hosts: readonly string[], timeoutMs = 15_000): Promise<void> {
    const held = async (): Promise<boolean> =>
      [...(await this.holders()).values()].every((list) => list.length === 1 && hosts.includes(list.join()));
    await waitFor(`every VIP to be on one of ${hosts.join(', ')}`, held, timeoutMs);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#echo.stop(), this.#prober.stop(), this.#asker.stop()]);
  }
}
