import type { ProbeOutcome } from '../core/checks.ts';
import type { Probe, ProbeContext, Probes } from '../ports/check-probe.ts';
import type { Clock } from '../ports/clock.ts';

export const GOOD: ProbeOutcome = { ok: true, output: 'well', certain: false };
export const BAD: ProbeOutcome = { ok: false, output: 'unwell', certain: false };

/** One call of a ScriptedProbe. */
export interface ProbeCall {
  readonly atMs: number;
  readonly context: ProbeContext;
  readonly signal: AbortSignal;
  /** Ends the call. */
  readonly answer: (outcome: ProbeOutcome) => void;
}

/** A probe that answers as a test wants it to, and writes down its calls. */
export class ScriptedProbe implements Probe {
  readonly calls: ProbeCall[] = [];
  /** Watches that have not ended. */
  readonly watches = new Set<() => void>();
  /** What a call does; by default it is answered at once, and well. */
  behaviour: (call: ProbeCall) => void = ({ answer }) => answer(GOOD);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  run(_probe: unknown, context: ProbeContext, signal: AbortSignal): Promise<ProbeOutcome> {
    const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
    const call = { atMs: this.#clock.now(), context, signal, answer: resolve };
    this.calls.push(call);
    this.behaviour(call);
    return promise;
  }

  watch(_probe: unknown, changed: () => void): () => void {
    this.watches.add(changed);
    return () => void this.watches.delete(changed);
  }

  /** Tells every watch that something changed. */
  change(): void {
    for (const changed of this.watches) changed();
  }

  /** This probe for every kind of check. */
  asProbes(): Probes {
    return {
      tcp: this,
      http: this,
      exec: this,
      scripts: this,
      process: this,
      gateway: this,
      mount: this,
      device: this,
      nfs: this,
      smb: this,
      postgres: this,
    };
  }
}
