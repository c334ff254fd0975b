import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process; empty where it has just ended. */
export function procFile(pid: number, file: 'cmdline' | 'comm'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Ids of all processes whose command line has that word in it. */
export function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => procFile(pid, 'cmdline').includes(word));
}
