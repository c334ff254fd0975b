import { readFileSync } from 'node:fs';

/** What /proc says of a process; empty where it has just ended. */
export function procFile(pid: number, file: 'cmdline' | 'comm'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
