import { closeSocket } from '../../../src/adapters/linux/sys.ts';
import { ipToBytes, parseIp } from '../../../src/core/ip.ts';
import { everyMs, monotonicMs } from './clock.ts';
import { addressKey, answeredAddress, type Asker, FRAME_BYTES, question } from './holder-frames.ts';
import { type Holders, HolderTracker } from './holder-tracker.ts';
import { Lateness, type OwnLateness } from './lateness.ts';
import { MessageBatch } from './message-batch.ts';
import { interfaces, openPort } from './switch-port.ts';

export interface AskerOptions {
  /** Hosts; the port of host NAME is the interface `s-NAME` of our namespace. */
  readonly hosts: readonly string[];
  readonly vips: readonly string[];
  readonly intervalMs: number;
  /** Sender of the questions, an address on the hosts' subnet that nobody has. */
  readonly sender4: string;
  /** Sender of the questions for IPv6; link-local, so that each host can answer. */
  readonly sender6: string;
}

export interface HolderResults {
  /** Of CLOCK_MONOTONIC. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly vips: Readonly<Record<string, Holders>>;
  /** Delays of the asker itself beyond its interval: what happened meanwhile was not seen. */
  readonly ownLateness: OwnLateness;
}

interface Port {
  readonly host: string;
  readonly ifindex: number;
  readonly fd: number;
  readonly asker: Asker;
  /** One question per VIP, in their order. */
  questions: MessageBatch;
}

interface Vip {
  readonly vip: string;
  readonly index: number;
  readonly tracker: HolderTracker;
  /** Hosts that answered in this round. */
  readonly answers: Set<string>;
  /** Hosts that answered once more after two of them had answered; undefined where none was asked again. */
  again: Set<string> | undefined;
}

/** A port that vanished with its host is looked for this often. */
const LOOK_FOR_PORTS_MS = 200;
const BATCH = 256;

/** Asks every host for every VIP, on the port of the host. Works in the network namespace of its process. */
export class HolderAsker {
  readonly #options: AskerOptions;
  readonly #inbox = new MessageBatch({ messages: BATCH, dataBytes: FRAME_BYTES });
  readonly #lateness: Lateness;
  readonly #ports = new Map<string, Port>();
  #vips = new Map<string, Vip>();
  #roundAtMs: number | undefined;
  #cancels: (() => void)[] = [];

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#lateness = new Lateness(options.intervalMs);
  }

  start(): void {
    this.setVips(this.#options.vips);
    this.#cancels = [
      everyMs(LOOK_FOR_PORTS_MS, () => this.#lookForPorts()),
      everyMs(this.#options.intervalMs, () => this.#round()),
    ];
  }

  /** Forgets VIPs that are no longer named, and keeps what it knows of the others. */
  setVips(vips: readonly string[]): void {
    const known = new Map([...this.#vips.values()].map(({ vip, tracker }) => [vip, tracker]));
    this.#vips = new Map(
      [...new Set(vips)].map((vip, index) => {
        const tracker = known.get(vip) ?? new HolderTracker(this.#options.intervalMs);
        return [addressKey(address(vip)), { vip, index, tracker, answers: new Set<string>(), again: undefined }];
      }),
    );
    this.#roundAtMs = undefined;
    for (const port of this.#ports.values()) port.questions = this.#questions(port.asker);
  }

  #questions(asker: Asker): MessageBatch {
    const vips = [...this.#vips.values()];
    const batch = new MessageBatch({ messages: Math.max(1, vips.length), dataBytes: FRAME_BYTES });
    for (const { vip, index } of vips) {
      const frame = question(asker, address(vip));
      batch.data(index).set(frame);
      batch.setLength(index, frame.length);
    }
    return batch;
  }

  #lookForPorts(): void {
    const found = interfaces();
    for (const host of this.#options.hosts) {
      const link = found.get(`s-${host}`);
      const port = this.#ports.get(host);
      if (port && port.ifindex === link?.ifindex) continue;
      if (port) closeSocket(port.fd);
      this.#ports.delete(host);
      if (!link) continue;
      const asker = {
        mac: link.mac,
        v4: ipToBytes(address(this.#options.sender4)),
        v6: ipToBytes(address(this.#options.sender6)),
      };
      const { ifindex } = link;
      this.#ports.set(host, { host, ifindex, fd: openPort(link), asker, questions: this.#questions(asker) });
    }
  }

  #round(): void {
    this.#drain();
    this.#close();
    const startedAtMs = monotonicMs();
    this.#lateness.tick(startedAtMs);
    this.#roundAtMs = startedAtMs;
    for (const { fd, questions } of this.#ports.values()) questions.send(fd, this.#vips.size);
    this.#drain();
    this.#askAgain();
  }

  /**
   * An address that moves while a round is under way gets two answers and never had two holders. So whoever seems to
   * share one is asked again: the first host still answering after the second one did is the proof.
   */
  #askAgain(): void {
    for (const vip of this.#vips.values()) {
      if (vip.answers.size < 2) continue;
      vip.again = new Set();
      for (const host of vip.answers) {
        const port = this.#ports.get(host);
        if (port) port.questions.sendOne(port.fd, vip.index);
      }
    }
    this.#drain();
  }

  #drain(): void {
    for (const { host, fd, asker } of this.#ports.values()) {
      for (let received = BATCH; received === BATCH;) {
        received = this.#inbox.receive(fd);
        for (let index = 0; index < received; index++) {
          const key = answeredAddress(this.#inbox.data(index), this.#inbox.length(index), asker);
          const vip = key === undefined ? undefined : this.#vips.get(key);
          (vip?.again ?? vip?.answers)?.add(host);
        }
      }
    }
  }

  /** Tells the trackers of the round that has ended. */
  #close(): void {
    const atMs = this.#roundAtMs;
    if (atMs === undefined) return;
    for (const vip of this.#vips.values()) {
      const hosts = vip.again && vip.again.size > 0 ? vip.again : vip.answers;
      vip.tracker.round(atMs, [...hosts].sort());
      vip.answers.clear();
      vip.again = undefined;
    }
  }

  /** Hosts that answered in the latest round, by VIP. */
  now(): Record<string, readonly string[]> {
    return Object.fromEntries([...this.#vips.values()].map(({ vip, tracker }) => [vip, tracker.now()]));
  }

  results(sinceMs: number): HolderResults {
    const vips = [...this.#vips.values()].map(({ vip, tracker }): [string, Holders] => [vip, tracker.holders(sinceMs)]);
    return {
      sinceMs,
      untilMs: monotonicMs(),
      vips: Object.fromEntries(vips),
      ownLateness: this.#lateness.since(sinceMs),
    };
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    for (const { fd } of this.#ports.values()) closeSocket(fd);
    this.#ports.clear();
  }
}

function address(text: string): NonNullable<ReturnType<typeof parseIp>> {
  const ip = parseIp(text);
  if (!ip) throw new RangeError(`${text} is no IP address`);
  return ip;
}
