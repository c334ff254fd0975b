/**
 * The first process of an agent: starts the agent itself and brings it back at once when it dies, so that it is there
 * again within its lease and the VIPs stay. Kept free of everything that could fail.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { systemClock } from '../adapters/system/system-clock.ts';

/** Marks the process that the supervisor has started. */
const SUPERVISED = 'SUPERVISED_BY_VIPPOOL';
const BAD_OPTIONS = 2;
/** Deaths in quick succession are worth no more attempts without a pause. */
const QUICK_DEATHS = 5;
const QUICK_MS = 2_000;
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 5_000;

/** Whether this process is the agent itself, and its supervisor still lives. */
export function isSupervised(environment: NodeJS.ProcessEnv): boolean {
  const parent = environment[SUPERVISED];
  // A supervisor that died before its child could watch it must not leave an agent behind.
  if (parent !== undefined && Number(parent) !== process.ppid) process.exit(1);
  return parent !== undefined;
}

/** Runs this very command line as a child until it ends in order or is told to stop; its exit code. */
export function supervise(environment: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const deaths: number[] = [];
    let child: ChildProcess | undefined;
    let stopping = false;
    const start = (): void => {
      child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
        stdio: 'inherit',
        env: { ...environment, [SUPERVISED]: String(process.pid) },
      });
      child.once('exit', (code, signal) => {
        if (stopping || code === 0 || code === BAD_OPTIONS) return resolve(code ?? 1);
        deaths.push(systemClock.now());
        const pauseMs = pauseAfter(deaths);
        process.stderr.write(
          `vippool: the agent ended (${signal ?? `exit code ${code}`}); starting it again${pauseMs > 0 ? ` in ${pauseMs} ms` : ''}\n`,
        );
        if (pauseMs === 0) start();
        else systemClock.after(pauseMs, () => (stopping ? resolve(1) : start()));
        return undefined;
      });
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        stopping = true;
        child?.kill(signal);
      });
    }
    start();
  });
}

/** @param deaths instants in milliseconds, ascending */
export function pauseAfter(deaths: readonly number[]): number {
  const last = deaths.at(-1) ?? 0;
  let quick = 0;
  for (let index = deaths.length - 1; index > 0; index--) {
    if ((deaths[index] ?? 0) - (deaths[index - 1] ?? 0) > QUICK_MS) break;
    quick++;
  }
  if (quick < QUICK_DEATHS || last === 0) return 0;
  return Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** (quick - QUICK_DEATHS));
}
