import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { VipAddress } from '../core/ids.ts';
import type { InterfaceState } from '../core/messages.ts';
import type { AddressError, MarkedAddress, NeighbourQuestions, NetworkEvent } from '../ports/network.ts';
import type { HostNamespace } from './host-namespace.ts';
import type { NetworkProcessOptions } from './network-process.ts';

/** Less than the limit of a test, so that a failure tells what was seen. */
const EVENT_WAIT_MS = 4_000;
const PROGRAM = fileURLToPath(new URL('network-process.ts', import.meta.url));

export interface TimedEvent {
  readonly event: NetworkEvent;
  /** CLOCK_MONOTONIC, ms: when the callback ran. */
  readonly at: number;
}

export interface Timed<T> {
  readonly result: T;
  readonly ms: number;
}

interface Line {
  readonly ready?: true;
  readonly event?: NetworkEvent;
  readonly at?: number;
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A LinuxNetwork in another process, inside a namespace. */
export class RemoteNetwork {
  readonly #child: ChildProcess;
  readonly #events: TimedEvent[] = [];
  readonly #answers = new Map<number, (line: Line) => void>();
  readonly #exited: Promise<unknown>;
  #changed: () => void = () => undefined;
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit');
  }

  /** `wrapper`: a command that runs the rest of its command line. */
  static async start(
    host: HostNamespace,
    options: NetworkProcessOptions,
    wrapper: readonly string[] = [],
  ): Promise<RemoteNetwork> {
    const [file, args] = host.inside(...wrapper, process.execPath, PROGRAM, JSON.stringify(options));
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const remote = new RemoteNetwork(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`LinuxNetwork did not start: ${errors}`)));
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as Line;
        if (line.ready) resolve();
        remote.#received(line);
      });
    });
    return remote;
  }

  #received(line: Line): void {
    if (line.event) this.#events.push({ event: line.event, at: line.at ?? 0 });
    if (line.id !== undefined) this.#answers.get(line.id)?.(line);
    this.#changed();
  }

  put(addresses: readonly MarkedAddress[]): Promise<Timed<readonly AddressError[]>> {
    return this.call('put', addresses);
  }

  remove(addresses: readonly MarkedAddress[]): Promise<Timed<readonly AddressError[]>> {
    return this.call('remove', addresses);
  }

  announce(addresses: readonly MarkedAddress[]): Promise<Timed<void>> {
    return this.call('announce', addresses);
  }

  /** `at`: CLOCK_MONOTONIC, ms, just before the questions went out. */
  probe(addresses: readonly MarkedAddress[]): Promise<Timed<void> & { readonly at: number }> {
    return this.call('probe', addresses);
  }

  askNeighbours(questions: readonly NeighbourQuestions[]): Promise<Timed<readonly NeighbourQuestions[]>> {
    return this.call('askNeighbours', questions);
  }

  dropConnections(vips: readonly VipAddress[]): Promise<Timed<{ tracked: number; sockets: number }>> {
    return this.call('dropConnections', vips);
  }

  marked(): Promise<readonly MarkedAddress[]> {
    return this.call('marked');
  }

  interfaces(): Promise<readonly InterfaceState[]> {
    return this.call('interfaces');
  }

  async call<T>(command: string, argument?: unknown): Promise<T> {
    const id = this.#next++;
    const answer = new Promise<Line>((resolve) => this.#answers.set(id, resolve));
    this.tell(command, argument, id);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return result as T;
  }

  /** Sends a command whose answer nobody waits for. */
  tell(command: string, argument?: unknown, id: number = this.#next++): void {
    this.#child.stdin?.write(`${JSON.stringify({ id, command, argument: argument ?? null })}\n`);
  }

  /** Events so far, which are then forgotten. */
  takeEvents(): TimedEvent[] {
    return this.#events.splice(0);
  }

  /** The first event that fits, past or future; earlier ones are forgotten. */
  async event(fits: (event: NetworkEvent) => boolean): Promise<TimedEvent> {
    const index = await this.#when(() => {
      const found = this.#events.findIndex(({ event }) => fits(event));
      return found < 0 ? undefined : found;
    });
    const [found] = this.#events.splice(0, index + 1).slice(-1);
    if (!found) throw new Error('an event got lost');
    return found;
  }

  /** Waits for an event of each kind, in any order; all events are forgotten then. */
  async allEvents(...kinds: readonly ((event: NetworkEvent) => boolean)[]): Promise<void> {
    await this.#when(() => kinds.every((fits) => this.#events.some(({ event }) => fits(event))) || undefined);
    this.takeEvents();
  }

  async #when<T>(look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + EVENT_WAIT_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) {
        const seen = JSON.stringify(this.#events).slice(0, 2_000);
        throw new Error(`no such event within ${EVENT_WAIT_MS} ms; seen: ${seen}`);
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        timer = setTimeout(resolve, leftMs);
      });
      clearTimeout(timer);
    }
  }

  /** Exit code and signal, once it has ended. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    await this.#exited;
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it as a user would; the addresses stay. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }
}
