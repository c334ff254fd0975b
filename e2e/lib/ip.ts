import { execFileSync } from 'node:child_process';

/** Runs `ip` for each line. @throws Error with what ip said and the line. */
export function ip(...lines: readonly string[]): void {
  for (const line of lines) run(line);
}

export function ipJson(line: string): unknown {
  const text = run(`-j ${line}`);
  return text.trim() === '' ? [] : JSON.parse(text);
}

function run(line: string): string {
  try {
    return execFileSync('ip', line.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`ip ${line}: ${said}`, { cause: error });
  }
}

export interface BatchOptions {
  /** Named namespace; default the switch's. */
  readonly namespace?: string;
  /** What a command that fails does to those after it. Default "stop", and an Error is thrown. */
  readonly onError?: 'stop' | 'continue';
}

/** Many commands in one process. */
export function ipBatch(lines: readonly string[], { namespace, onError = 'stop' }: BatchOptions = {}): void {
  const where = namespace === undefined ? [] : ['-n', namespace];
  const force = onError === 'continue' ? ['-force'] : [];
  try {
    execFileSync('ip', [...where, ...force, '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  } catch (error) {
    if (onError === 'continue') return;
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`ip -batch: ${said}`, { cause: error });
  }
}
