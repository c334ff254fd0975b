import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { MarkedAddress, NetworkEvent } from '../../ports/network.ts';
import { ClaimJudge } from './claim-judge.ts';
import { ClaimSockets } from './claim-sockets.ts';
import type { HostState } from './host-state.ts';
import { SysError } from './sys-error.ts';

export interface ClaimWatchDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Tells when somebody else claims a VIP that is bound here or was probed a moment ago, on interfaces of these names. */
export class ClaimWatch {
  readonly #names: readonly string[];
  readonly #state: () => HostState;
  readonly #answerIn: (name: string, frame: Buffer) => NetworkEvent | undefined;
  readonly #dependencies: ClaimWatchDependencies;
  readonly #judge = new ClaimJudge();
  readonly #sockets: ClaimSockets;
  readonly #failed = new Set<string>();
  #onEvent: ((event: NetworkEvent) => void) | undefined;
  #withheld: NetworkEvent[] | undefined;

  /** `answerIn`: what a frame says that is no claim but answers a question of another kind. */
  constructor(
    names: readonly string[],
    state: () => HostState,
    answerIn: (name: string, frame: Buffer) => NetworkEvent | undefined,
    dependencies: ClaimWatchDependencies,
  ) {
    this.#names = names;
    this.#state = state;
    this.#answerIn = answerIn;
    this.#dependencies = dependencies;
    this.#sockets = new ClaimSockets(dependencies.clock, (name, frame) => this.#received(name, frame));
  }

  start(onEvent: (event: NetworkEvent) => void): void {
    this.#onEvent = onEvent;
    this.follow();
  }

  stop(): void {
    this.#onEvent = undefined;
    this.#sockets.closeAll();
  }

  /** Listens on the interfaces that exist now. One on which that is impossible is logged once. */
  follow(): void {
    for (const name of this.#names) {
      const link = this.#state().linkNamed(name);
      if (link?.ethernet) this.#listen(name, () => this.#sockets.open(name, link));
      else this.#sockets.close(name);
    }
  }

  /** Answers count from now on. */
  probed(addresses: readonly MarkedAddress[]): void {
    this.#judge.probed(addresses, this.#dependencies.clock.now());
  }

  /**
   * Judges what came in so far by the state as it is: to be called before that changes, since a claim of a VIP that was
   * not here yet is none against us. Events are told a little later, from the event loop.
   */
  settle(): void {
    const events: NetworkEvent[] = [];
    this.#withheld = events;
    this.#sockets.drain();
    this.#withheld = undefined;
    if (events.length === 0) return;
    this.#dependencies.clock.after(0, () => {
      for (const event of events) this.#onEvent?.(event);
    });
  }

  #received(name: string, frame: Buffer): void {
    const event = this.#answerIn(name, frame) ?? this.#claimIn(name, frame);
    if (!event) return;
    if (this.#withheld) this.#withheld.push(event);
    else this.#onEvent?.(event);
  }

  #claimIn(name: string, frame: Buffer): NetworkEvent | undefined {
    return this.#judge.judge(this.#state(), name, frame, () => this.#dependencies.clock.now());
  }

  #listen(name: string, open: () => void): void {
    try {
      open();
      this.#failed.delete(name);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (this.#failed.has(name)) return;
      this.#failed.add(name);
      this.#dependencies.metrics.count('claim_listen_errors_total', { interface: name, code: error.code });
      this.#dependencies.log.log('error', 'other claims to VIPs of this interface are not seen', {
        interface: name,
        err: error,
      });
    }
  }
}
