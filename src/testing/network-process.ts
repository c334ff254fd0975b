/**
 * A process with a started LinuxNetwork, driven over standard input and output by one JSON object per line. The adapter
 * needs a process of its own: it works in the network namespace of its process and receives that process's signals.
 * Ends with its input.
 */
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { errorText } from '../core/error-text.ts';
import { LinuxNetwork, type LinuxNetworkOptions } from '../adapters/linux/linux-network.ts';
import type { VipAddress } from '../core/ids.ts';
import { monotonic } from '../core/time.ts';
import { parseCidr } from '../core/ip.ts';
import type { MarkedAddress, NeighbourQuestions } from '../ports/network.ts';

export interface NetworkProcessOptions {
  readonly interfaces: readonly string[];
  /** CIDR */
  readonly allowedAddresses: readonly string[];
  readonly lifetimeSeconds: number;
  readonly eventBufferBytes?: number;
}

/** CLOCK_MONOTONIC in ms, comparable with other processes. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const { allowedAddresses, ...options } = JSON.parse(process.argv[2] ?? '{}') as NetworkProcessOptions;
const networkOptions: LinuxNetworkOptions = {
  ...options,
  allowedAddresses: allowedAddresses.flatMap((cidr) => parseCidr(cidr) ?? []),
};

const counts: Record<string, number> = {};
const log = { log: () => undefined, child: () => log };
const network = new LinuxNetwork(networkOptions, {
  clock: {
    now: () => monotonic(now()),
    wallNow: () => new Date(),
    after: (ms, fire) => {
      const timer = setTimeout(fire, ms);
      return () => clearTimeout(timer);
    },
  },
  log,
  metrics: {
    count: (name, labels, by = 1) => {
      const key = [name, ...Object.values(labels ?? {})].join(' ');
      counts[key] = (counts[key] ?? 0) + by;
    },
    gauge: () => undefined,
    gauges: () => undefined,
    beforeRead: () => undefined,
    observe: () => undefined,
  },
});

const timed = <T>(work: () => T): { result: T; ms: number } => {
  const begun = now();
  const result = work();
  return { result, ms: now() - begun };
};

const COMMANDS: Readonly<Record<string, (argument: never) => unknown>> = {
  put: (addresses: readonly MarkedAddress[]) => timed(() => network.put(addresses)),
  putTimes: ({ times, addresses }: { times: number; addresses: readonly MarkedAddress[] }) => {
    for (let round = 0; round < times; round++) network.put(addresses);
  },
  remove: (addresses: readonly MarkedAddress[]) => timed(() => network.remove(addresses)),
  announce: (addresses: readonly MarkedAddress[]) => timed(() => network.announce(addresses)),
  probe: (addresses: readonly MarkedAddress[]) => {
    const at = now();
    return { at, ...timed(() => network.probe(addresses)) };
  },
  askNeighbours: (questions: readonly NeighbourQuestions[]) => timed(() => network.askNeighbours(questions)),
  dropConnections: (vips: readonly VipAddress[]) => timed(() => network.dropConnections(vips)),
  marked: () => network.marked(),
  interfaces: () => network.interfaces(),
  counts: () => counts,
  openFiles: () => readdirSync('/proc/self/fd').length,
  /** Keeps the event loop busy, so that nothing is read meanwhile. */
  block: (ms: number) => {
    for (const end = now() + ms; now() < end;);
  },
  stop: () => network.stop(),
  exit: (code: number) => process.exit(code),
  crash: () => {
    setImmediate(() => {
      throw new Error('crash on demand');
    });
  },
};

network.start((event) => say({ event, at: now() }));
say({ ready: true });

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { id, command, argument } = JSON.parse(line) as { id: number; command: string; argument: never };
  try {
    say({ id, result: COMMANDS[command]?.(argument) });
  } catch (error) {
    say({ id, error: errorText(error) });
  }
});
input.on('close', () => network.stop());
