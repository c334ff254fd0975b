import type { ControllerEvent } from '../../core/controller/controller-state.ts';
import type { ElectionEvent, LockEffect, RecordEffect, StoreEffect } from '../../core/election-types.ts';
import type { Electorate } from '../../core/electorate.ts';
import type { Monotonic } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ElectionStore } from '../../ports/election-store.ts';
import type { Log } from '../../ports/log.ts';

interface ElectionPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ElectionStore;
}

type StoreEvent = ControllerEvent & { readonly kind: 'election' | 'record' };
type StoreCall = (sentAt: Monotonic) => Promise<ElectionEvent>;

/** Carries out the election's operations on the store and reports their results as events. */
export class ElectionRunner {
  readonly #ports: ElectionPorts;
  readonly #report: (event: StoreEvent) => void;
  readonly #underway = new Set<Promise<void>>();
  #failing = false;
  #unwatch: (() => void) | undefined;

  constructor(ports: ElectionPorts, report: (event: StoreEvent) => void) {
    this.#ports = ports;
    this.#report = report;
  }

  start(): void {
    this.#unwatch = this.#ports.store.watch(() => this.#report({ kind: 'election', event: { kind: 'store-changed' } }));
  }

  /** Waits for what is under way: the revocation that hands the lock over must leave. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    await Promise.all(this.#underway);
    this.#ports.store.close();
  }

  run(effect: StoreEffect): void {
    const { log, store } = this.#ports;
    switch (effect.kind) {
      case 'revoke':
        return this.#track(
          store.revoke(effect.lease).catch((err: unknown) => log.log('debug', 'lease not revoked', { err })),
        );
      case 'grant':
        return this.#operate(effect.kind, async (sentAt) => ({
          kind: 'granted',
          lease: await store.grant(effect.ttlMs),
          sentAt,
        }));
      case 'renew':
        return this.#operate(effect.kind, async (sentAt) => {
          return { kind: 'renewed', lease: effect.lease, alive: await store.renew(effect.lease), sentAt };
        });
      case 'enqueue':
        return this.#operate(effect.kind, async () => ({
          kind: 'enqueued',
          accepted: await store.enqueue(effect.lease, effect.id),
        }));
      case 'read':
        return this.#operate(effect.kind, async () => ({ kind: 'viewed', ...(await store.read()) }));
      case 'takeOver': {
        const { entry, ahead, term, previous } = effect;
        return this.#operate(effect.kind, async () => ({
          kind: 'taken-over',
          won: await store.takeOver(entry, ahead, term, previous),
          term,
        }));
      }
      case 'readElectorate':
        return this.#recorded(effect.kind, () => store.electorate(effect.wanted));
      case 'changeElectorate':
        return this.#recorded(effect.kind, () => store.changeElectorate(effect.from, effect.to));
      case 'claim': {
        const { entry, term, previous } = effect;
        return this.#operate(effect.kind, async () => ({
          kind: 'claimed',
          won: await store.claim(entry, term, previous),
          term,
        }));
      }
    }
  }

  #operate(operation: Exclude<LockEffect['kind'], 'revoke'>, call: StoreCall): void {
    const attempt = async (): Promise<ElectionEvent> =>
      (await this.#tried(operation, call)) ?? { kind: 'failed', operation };
    this.#track(attempt().then((event) => this.#report({ kind: 'election', event })));
  }

  #recorded(operation: RecordEffect['kind'], call: () => Promise<Electorate>): void {
    const attempt = async (): Promise<void> => {
      const recorded = await this.#tried(operation, call);
      const event = recorded ? ({ kind: 'electorate', recorded } as const) : ({ kind: 'failed', operation } as const);
      this.#report({ kind: 'record', event });
    };
    this.#track(attempt());
  }

  /** Undefined: the store did not do it, or did not say so. */
  async #tried<T>(operation: StoreEffect['kind'], call: (sentAt: Monotonic) => Promise<T>): Promise<T | undefined> {
    const { clock, log } = this.#ports;
    try {
      const result = await call(clock.now());
      if (this.#failing) log.log('info', 'election store answers again');
      this.#failing = false;
      return result;
    } catch (err) {
      if (!this.#failing) log.log('warn', 'election store does not answer', { operation, err });
      this.#failing = true;
      return undefined;
    }
  }

  #track(work: Promise<void>): void {
    this.#underway.add(work);
    void work.finally(() => this.#underway.delete(work));
  }
}
