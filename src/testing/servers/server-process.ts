import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How to run one server binary for a test. */
export interface ServerCommand {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /**
   * Resolves to true as soon as the server with this process id answers. Called every 50 ms; a rejection counts as "not
   * yet".
   */
  readonly ready: (pid: number) => Promise<boolean>;
  /** Default 30 000. */
  readonly readyWithinMs?: number;
  /** File of the network namespace to run in ("/proc/PID/ns/net", "/run/netns/NAME"); default that of this process. */
  readonly netns?: string;
  /** User to run as, with access to all files; default that of this process. */
  readonly user?: string;
  /** What `stop` sends; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A running child of this test process. It dies with the process that started it, even when that one is killed. */
export interface ServerProcess {
  readonly pid: number;
  /** The last lines of what the server printed. */
  logTail(): string;
  /**
   * SIGSTOP for it and all that it started; resolves once every thread has stopped. The kernel accepts connections, and
   * nobody answers.
   */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
  /** Asks politely, insists after 5 s (SIGKILL), and returns when the process has ended. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL for it and all that it started, like a crash. Idempotent. */
  kill(): Promise<void>;
}

const LOG_TAIL_BYTES = 8_192;
const STOP_WITHIN_MS = 5_000;

/** Starts a server and waits until it is ready. Rejects with the server's last output where it ends or stays silent. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const [program = '', ...args] = commandLine(command);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
    if (signal === 'SIGKILL') {
      signalTree(child, 'SIGKILL');
    } else {
      child.kill(signal);
      // One that is paused hears nothing.
      signalTree(child, 'SIGCONT');
    }
    await Promise.race([ended, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    if (!hasEnded()) signalTree(child, 'SIGKILL');
    await ended;
  };

  const deadline = performance.now() + (command.readyWithinMs ?? 30_000);
  while (!(await command.ready(child.pid ?? 0).catch(() => false))) {
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
    pause: async () => {
      signalTree(child, 'SIGSTOP');
      while (!hasEnded() && !descendants(child.pid ?? 0).every(hasStopped)) await sleep(1);
    },
    resume: () => signalTree(child, 'SIGCONT'),
    stop: () => end(command.stopSignal ?? 'SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function commandLine({ argv, netns, user }: ServerCommand): string[] {
  const namespace = netns === undefined ? [] : ['nsenter', `--net=${netns}`, '--'];
  // A test run that is killed runs no clean-up, so the kernel ends the server together with its parent. It would forget
  // that where the user changes later.
  const privileges = ['setpriv', ...(user === undefined ? [] : userFlags(user)), '--pdeathsig', 'KILL', '--'];
  return [...namespace, ...privileges, ...argv];
}

/** Flags of setpriv for another user; the directories above those of a test are often open to root alone. */
export function userFlags(user: string): string[] {
  const caps = '+dac_override,+dac_read_search';
  return [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', `--inh-caps=${caps}`, `--ambient-caps=${caps}`];
}

/** Sends a signal to a process that has not ended, and to all that descend from it. */
function signalTree({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const member of descendants(pid)) {
    try {
      process.kill(member, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** The process itself first. */
function descendants(pid: number): number[] {
  let text = '';
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // It has ended meanwhile.
  }
  return [
    pid,
    ...text
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => descendants(Number(child))),
  ];
}

/** Whether every thread of a process is stopped, or gone. */
function hasStopped(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) =>
      /^State:\t[TZX]/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')),
    );
  } catch {
    return true;
  }
}

/** Whether somebody listens on a TCP port in the network namespace of a process. */
export async function isListening(pid: number, port: number): Promise<boolean> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  // Local address, remote address, state LISTEN.
  const listening = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:0000 0A `);
  return tables.some((table) => listening.test(table));
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
