import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to run one server binary for a test. */
export interface ServerCommand {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Resolves to true as soon as the server answers. Called every 50 ms; a rejection counts as "not yet". */
  readonly ready: () => Promise<boolean>;
  /** Default 30 000. */
  readonly readyWithinMs?: number;
}

/** A running child of this test process. It dies with the process that started it, even when that one is killed. */
export interface ServerProcess {
  readonly pid: number;
  /** The last lines of what the server printed. */
  logTail(): string;
  /** Asks politely (SIGTERM), insists after 5 s (SIGKILL), and returns when the process has ended. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, like a crash. Idempotent. */
  kill(): Promise<void>;
}

const LOG_TAIL_BYTES = 8_192;
const STOP_WITHIN_MS = 5_000;

/** Starts a server and waits until it is ready. Rejects with the server's last output where it ends or stays silent. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  // A test run that is killed runs no clean-up, so the kernel ends the server together with its parent.
  const args = ['--pdeathsig', 'KILL', '--', ...command.argv];
  const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-LOG_TAIL_BYTES)));
  }
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      tail += String(error);
      resolve();
    });
  });
  const hasEnded = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return ended;
    child.kill(signal);
    await Promise.race([ended, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    if (!hasEnded()) child.kill('SIGKILL');
    await ended;
  };

  const deadline = performance.now() + (command.readyWithinMs ?? 30_000);
  while (!(await command.ready().catch(() => false))) {
    const late = performance.now() > deadline;
    if (hasEnded() || late) {
      await end('SIGKILL');
      throw new Error(`${command.argv[0]} ${late ? 'did not become ready' : 'ended'}: ${tail}`);
    }
    await sleep(50);
  }
  return {
    pid: child.pid ?? 0,
    logTail: () => tail,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** A port that nobody listens on at the moment of asking; the caller retries where somebody was faster. */
export async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error(`no port on ${address}`);
  return bound.port;
}

/** Runs `start` with free ports until it succeeds, at most three times: between choice and use a port may be taken. */
export async function withFreePorts<T>(
  address: string,
  count: number,
  start: (ports: readonly number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const ports = new Set<number>();
    while (ports.size < count) ports.add(await freePort(address));
    try {
      return await start([...ports]);
    } catch (error) {
      if (attempt === 3 || !/address already in use/.test(String(error))) throw error;
    }
  }
}

/** "10.0.0.1" or "[::1]", as a URL wants it. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);
