import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';

/** The first `1.2.3` in a text, whatever surrounds it. */
export const parseVersion = (text: string): string | undefined => /\d+\.\d+\.\d+/.exec(text)?.[0];

/** Negative: `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs the program and reads its version. Undefined where it does not run or prints none. */
export function probeVersion(path: string, versionArgs: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(path, versionArgs, {
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Some tell it on standard error.
  return status === 0 ? (parseVersion(stdout) ?? parseVersion(stderr)) : undefined;
}
