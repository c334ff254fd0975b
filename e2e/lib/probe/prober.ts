import { everyMs, monotonicMs } from './clock.ts';
import {
  ANSWER_BYTES,
  ECHO_PORT,
  openUdp,
  PROBE_BYTES,
  readProbe,
  sameIp,
  socketAddress,
  writeProbe,
} from './datagram.ts';
import { Lateness, type OwnLateness } from './lateness.ts';
import { MessageBatch } from './message-batch.ts';
import { flapsIn, type HostRun, type Outage, OutageTracker } from './outage-tracker.ts';

export interface ProberOptions {
  readonly vips: readonly string[];
  readonly intervalMs: number;
  /** A probe that is not answered by then is lost: it may have waited for a neighbour's address and got through later. */
  readonly answerWithinMs: number;
}

export interface VipProbes {
  readonly outages: readonly Outage[];
  /** Longest and sum of `outages`. */
  readonly longestOutageMs: number;
  readonly outageMs: number;
  readonly hosts: readonly HostRun[];
  /** Returns to the host before the last one within a second. */
  readonly flaps: number;
  /** Answers that came too late to count. */
  readonly lateAnswers: number;
}

export interface ProbeResults {
  /** Of CLOCK_MONOTONIC. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly vips: Readonly<Record<string, VipProbes>>;
  /** Delays of the prober itself beyond its interval. */
  readonly ownLateness: OwnLateness;
}

const FLAP_WITHIN_MS = 1_000;
const BATCH = 128;

interface Target {
  readonly vip: string;
  readonly address: Buffer;
  readonly tracker: OutageTracker;
  /** Name of the answering host by sequence, modulo the window; undefined where there is no answer yet. */
  readonly answers: (string | undefined)[];
  /** The first sequence that is not decided yet. */
  undecided: number;
  lateAnswers: number;
}

/** Probes VIPs from the network namespace of its process. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #window: number;
  readonly #sentAtMs: number[];
  readonly #inbox = new MessageBatch({ messages: BATCH, dataBytes: ANSWER_BYTES });
  readonly #sockets = { 4: -1, 6: -1 };
  #outboxes: { readonly fd: number; readonly batch: MessageBatch; readonly numbers: readonly number[] }[] = [];
  readonly #targets = new Map<number, Target>();
  #nextTarget = 1;
  #sequence = 0;
  #drainedAtMs = 0;
  readonly #lateness: Lateness;
  #cancel: () => void = () => undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#lateness = new Lateness(options.intervalMs);
    // Twice the time until a probe is decided, and room for a schedule that is caught up with.
    this.#window = Math.ceil((2 * options.answerWithinMs) / options.intervalMs) + 16;
    this.#sentAtMs = Array.from({ length: this.#window }, () => 0);
  }

  start(): void {
    this.#sockets[4] = openUdp(4, 0);
    this.#sockets[6] = openUdp(6, 0);
    this.setVips(this.#options.vips);
    this.#drainedAtMs = monotonicMs();
    this.#cancel = everyMs(this.#options.intervalMs, () => this.#tick());
  }

  /** Forgets VIPs that are no longer named, and keeps what it knows of the others. */
  setVips(vips: readonly string[]): void {
    for (const [number, { vip }] of this.#targets) if (!vips.includes(vip)) this.#targets.delete(number);
    const known = new Set([...this.#targets.values()].map(({ vip }) => vip));
    for (const vip of new Set(vips)) {
      if (known.has(vip)) continue;
      this.#targets.set(this.#nextTarget++, {
        vip,
        address: socketAddress(vip, ECHO_PORT),
        tracker: new OutageTracker(this.#options.intervalMs),
        answers: Array.from({ length: this.#window }),
        undecided: this.#sequence,
        lateAnswers: 0,
      });
    }
    this.#outboxes = ([4, 6] as const).flatMap((family) => {
      const chosen = [...this.#targets].filter(([, { vip }]) => vip.includes(':') === (family === 6));
      if (chosen.length === 0) return [];
      const batch = new MessageBatch({ messages: chosen.length, dataBytes: PROBE_BYTES });
      for (const [index, [, { address }]] of chosen.entries()) {
        batch.setPeer(index, address);
        batch.setLength(index, PROBE_BYTES);
      }
      return [{ fd: this.#sockets[family], batch, numbers: chosen.map(([number]) => number) }];
    });
  }

  #tick(): void {
    this.#drain();
    this.#decide();
    const sentAtMs = monotonicMs();
    this.#lateness.tick(sentAtMs);
    const sequence = this.#sequence++;
    this.#sentAtMs[sequence % this.#window] = sentAtMs;
    for (const target of this.#targets.values()) target.answers[sequence % this.#window] = undefined;
    for (const { fd, batch, numbers } of this.#outboxes) {
      for (const [index, vip] of numbers.entries()) writeProbe(batch.data(index), { vip, sequence, sentAtMs });
      batch.send(fd, numbers.length);
    }
  }

  #sentAt(sequence: number): number {
    return this.#sentAtMs[sequence % this.#window] ?? 0;
  }

  #drain(): void {
    const now = monotonicMs();
    for (const fd of Object.values(this.#sockets)) {
      for (let received = BATCH; received === BATCH;) {
        received = this.#inbox.receive(fd);
        for (let index = 0; index < received; index++) this.#received(index);
      }
    }
    this.#drainedAtMs = now;
  }

  #received(index: number): void {
    const [data, length] = [this.#inbox.data(index), this.#inbox.length(index)];
    const probe = readProbe(data, length);
    const target = probe && this.#targets.get(probe.vip);
    if (!target || !sameIp(this.#inbox.peer(index), target.address)) return;
    // What is read now came after the last look: time that we slept is not the answer's.
    const inTime = this.#drainedAtMs - probe.sentAtMs <= this.#options.answerWithinMs;
    if (inTime && probe.sequence >= target.undecided) {
      target.answers[probe.sequence % this.#window] = data.toString('utf8', PROBE_BYTES, length);
    } else {
      target.lateAnswers++;
    }
  }

  /** Settles the probes that no answer can reach in time any more, or that would fall out of the window. */
  #decide(): void {
    const overdueMs = this.#drainedAtMs - this.#options.answerWithinMs;
    for (const target of this.#targets.values()) {
      while (target.undecided < this.#sequence) {
        const sentAtMs = this.#sentAt(target.undecided);
        const host = target.answers[target.undecided % this.#window];
        const full = this.#sequence - target.undecided >= this.#window;
        if (host === undefined && sentAtMs > overdueMs && !full) break;
        if (host === undefined) target.tracker.lost(sentAtMs);
        else target.tracker.answered(sentAtMs, host);
        target.undecided++;
      }
    }
  }

  /** From what is decided by now; the youngest probes are not. */
  results(sinceMs: number): ProbeResults {
    const vips = [...this.#targets.values()].map(({ vip, tracker, lateAnswers }): [string, VipProbes] => {
      const outages = tracker.outages(sinceMs);
      const hosts = tracker.hostRuns(sinceMs);
      const lengths = outages.map(({ ms }) => ms);
      return [
        vip,
        {
          outages,
          longestOutageMs: Math.max(0, ...lengths),
          outageMs: lengths.reduce((sum, ms) => sum + ms, 0),
          hosts,
          flaps: flapsIn(hosts, FLAP_WITHIN_MS),
          lateAnswers,
        },
      ];
    });
    return {
      sinceMs,
      untilMs: monotonicMs(),
      vips: Object.fromEntries(vips),
      ownLateness: this.#lateness.since(sinceMs),
    };
  }

  /** As `results`, once every probe sent before the call is decided. */
  async settledResults(sinceMs: number): Promise<ProbeResults> {
    const until = this.#sequence;
    const undecided = (): boolean => [...this.#targets.values()].some((target) => target.undecided < until);
    while (undecided()) await new Promise((resolve) => setTimeout(resolve, this.#options.intervalMs));
    return this.results(sinceMs);
  }

  stop(): void {
    this.#cancel();
  }
}
