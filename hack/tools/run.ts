import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called every 10 s while the program runs, with the seconds so far. */
  readonly onStillRunning?: (seconds: number) => void;
}

export interface RunResult {
  /** -1 where the program could not be started. */
  readonly code: number;
  /** Standard output and standard error, the last 64 KiB. */
  readonly output: string;
}

/** Runs a program to its end; never throws. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const startedAt = Date.now();
  return new Promise((done) => {
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-65_536);
    };
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ticker = setInterval(() => options.onStillRunning?.(Math.round((Date.now() - startedAt) / 1000)), 10_000);
    const finish = (result: RunResult): void => {
      clearInterval(ticker);
      done(result);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => finish({ code: -1, output: error.message }));
    child.on('close', (code) => finish({ code: code ?? -1, output }));
  });
}

/** The last lines of an output that say something, on one line. */
export const tail = (output: string, lines = 3): string =>
  output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-lines)
    .join(' | ');
