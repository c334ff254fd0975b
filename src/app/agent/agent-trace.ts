import { type AgentState, hasLease, leaseEnd } from '../../core/agent/agent-state.ts';
import { formatTerm } from '../../core/term.ts';
import type { CheckRun } from '../../core/checks.ts';
import type { ControllerId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

/** What happens all the time is told as a sum, this often. */
const SUM_EVERY_MS = 30_000;
const MAX_NAMES = 10;

interface Heard {
  acknowledged: number;
  refused: number;
  slowestMs: number;
}

/** What a person sees of an agent that logs debug lines: what changes, and a sum of what goes on. */
export class AgentTrace {
  readonly #ports: { readonly clock: Clock; readonly log: Log };
  readonly #state: () => AgentState;
  /** Whether the last run of each check was good. */
  readonly #runs = new Map<string, boolean>();
  #heard = new Map<ControllerId, Heard>();
  #cancel = (): void => undefined;

  constructor(ports: { readonly clock: Clock; readonly log: Log }, state: () => AgentState) {
    this.#ports = ports;
    this.#state = state;
  }

  start(): void {
    this.#cancel = this.#ports.clock.after(SUM_EVERY_MS, () => {
      this.#sum();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  acknowledged(controller: ControllerId, roundTripMs: number): void {
    const heard = this.#heardOf(controller);
    heard.acknowledged += 1;
    heard.slowestMs = Math.max(heard.slowestMs, roundTripMs);
  }

  refused(controller: ControllerId): void {
    this.#heardOf(controller).refused += 1;
  }

  /** Runs that go as the one before say nothing new. */
  ran({ pool, name, ok, output, durationMs }: CheckRun): void {
    const key = `${pool}/${name}`;
    if (this.#runs.get(key) === ok) return;
    this.#runs.set(key, ok);
    const result = ok ? 'good' : 'bad';
    this.#debug('a check goes otherwise than before', { pool, check: name, result, output, durationMs });
  }

  announced(vips: readonly string[]): void {
    this.#debug('VIPs are announced', { vips: named(vips), count: vips.length });
  }

  probed(vips: readonly string[]): void {
    this.#debug('the network is asked who has VIPs', { vips: named(vips), count: vips.length });
  }

  /** Only what is another object than before is looked at. */
  stepped(before: AgentState, after: AgentState): void {
    if (after === before) return;
    if (after.assignment !== before.assignment && after.assignment !== undefined) {
      const { term, version, vips } = after.assignment;
      this.#debug('assignment taken', { term: formatTerm(term), version, vips: vips.length });
    }
    if (after.bound !== before.bound) this.#boundChanged(before.bound, after.bound);
    if (after.interfaces !== before.interfaces) this.#interfacesChanged(after);
    const tracks = after.health.reaching.tracks;
    if (tracks !== before.health.reaching.tracks) {
      for (const [name, { state }] of tracks) {
        const was = before.health.reaching.tracks.get(name)?.state;
        if (was !== state) this.#debug('service network', { interface: name, from: was, to: state });
      }
    }
  }

  #boundChanged(before: AgentState['bound'], after: AgentState['bound']): void {
    const came = [...after.keys()].filter((vip) => !before.has(vip));
    const went = [...before.keys()].filter((vip) => !after.has(vip));
    if (came.length === 0 && went.length === 0) return;
    this.#debug('VIPs of this host changed', { came: named(came), went: named(went), held: after.size });
  }

  #interfacesChanged({ interfaces }: AgentState): void {
    const states = interfaces.map(({ name, carrier }) => `${name}${carrier ? '' : ' (no carrier)'}`);
    this.#debug('links or addresses of the host changed', { interfaces: named(states) });
  }

  #sum(): void {
    const state = this.#state();
    const now = this.#ports.clock.now();
    const controllers = Object.fromEntries(
      [...this.#heard].map(([id, { slowestMs, ...counts }]) => [id, { ...counts, slowestMs: Math.ceil(slowestMs) }]),
    );
    this.#heard = new Map();
    this.#debug('the last seconds', {
      seconds: SUM_EVERY_MS / 1_000,
      lease: hasLease(state, now) ? 'held' : 'none',
      leaseLeftMs: Math.max(0, Math.round(leaseEnd(state) - now)),
      held: state.bound.size,
      connected: named([...state.connected]),
      controllers,
    });
  }

  #heardOf(controller: ControllerId): Heard {
    const heard = this.#heard.get(controller) ?? { acknowledged: 0, refused: 0, slowestMs: 0 };
    this.#heard.set(controller, heard);
    return heard;
  }

  #debug(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#ports.log.log('debug', message, fields);
  }
}

function named(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(' ')}${more}`;
}
