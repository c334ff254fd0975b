import { spawn, type SpawnOptions } from 'node:child_process';

export interface RunOptions extends SpawnOptions {
  /** Standard input. */
  readonly input?: string;
}

/** Runs a program to its end. @returns what it printed. @throws Error with what it said. */
export function run(command: string, args: readonly string[], { input, ...options }: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, { killSignal: 'SIGKILL', ...options });
  let printed = '';
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  child.stdin?.on('error', () => undefined).end(input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`${command} ${args.join(' ')}: ${said.trim() || printed.trim() || (signal ?? code)}`));
    });
  });
}
