import { readFileSync, writeFileSync } from 'node:fs';
import type { LabProcess } from '../../lib/process.ts';
import { OFFSET_FILE } from './offset-file.ts';

const PRELOAD = new URL('preload.ts', import.meta.url).href;

/** Environment of processes whose wall clock is one that `stepWallClocks` can step. @param file where it is kept. */
export function steppableWallClock(file: string): Record<string, string> {
  writeFileSync(file, '0');
  return { NODE_OPTIONS: `--import=${PRELOAD}`, [OFFSET_FILE]: file };
}

/** All of them share the file. They must have started. */
export function stepWallClocks(processes: readonly LabProcess[], byMs: number): void {
  const file = processes[0]?.spec.env?.[OFFSET_FILE];
  if (file === undefined) throw new Error('their wall clock cannot be stepped');
  writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + byMs));
  // An agent is two processes.
  for (const { pid } of processes) process.kill(-pid, 'SIGUSR2');
}
