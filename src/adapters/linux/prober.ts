import type { Clock } from '../../ports/clock.ts';
import type { MarkedAddress } from '../../ports/network.ts';
import { arpProbe } from './arp-frame.ts';
import type { Frames, FrameSender } from './frame-sender.ts';
import type { HostState } from './host-state.ts';
import { duplicateSolicitation } from './ndp-frame.ts';

/** A question may get lost, so each is asked twice. */
const REPEAT_MS = 5;

const QUESTION: Frames = {
  v4: (mac, ip) => [arpProbe(mac, ip)],
  v6: (mac, ip) => [duplicateSolicitation(mac, ip)],
  countError: (metrics, labels) => metrics.count('probe_errors_total', labels),
  errorMessage: 'probes not sent',
};

/** Asks the network who has addresses, without a claim of its own. */
export class Prober {
  readonly #sender: FrameSender;
  readonly #clock: Clock;
  readonly #repeats = new Set<() => void>();

  /** `sender` stays the caller's. */
  constructor(sender: FrameSender, clock: Clock) {
    this.#sender = sender;
    this.#clock = clock;
  }

  /** Asks at once, and again a moment later, by the interfaces as they are then. */
  probe(state: () => HostState, addresses: readonly MarkedAddress[]): void {
    this.#sender.send(state(), addresses, QUESTION);
    const cancel = this.#clock.after(REPEAT_MS, () => {
      this.#repeats.delete(cancel);
      this.#sender.send(state(), addresses, QUESTION);
    });
    this.#repeats.add(cancel);
  }

  stop(): void {
    for (const cancel of this.#repeats) cancel();
    this.#repeats.clear();
  }
}
