/** What a process of a lab has used, as the kernel counts it. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which is 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/** User and system time: fields 14 and 15 of proc_pid_stat(5); the name before them may contain blanks. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Now, and the most that it ever was. */
export const rssMiB = (pid: number): number => statusMiB(pid, 'VmRSS');
export const peakRssMiB = (pid: number): number => statusMiB(pid, 'VmHWM');

function statusMiB(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kib = '0'] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status) ?? [];
  return Number(kib) / 1_024;
}
