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

/** Many commands in one process, in the switch's or a named namespace; the first that fails ends it. */
export function ipBatch(lines: readonly string[], namespace?: string): void {
  const where = namespace === undefined ? [] : ['-n', namespace];
  try {
    execFileSync('ip', [...where, '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`ip -batch: ${said}`, { cause: error });
  }
}
