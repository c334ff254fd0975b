import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

/** Stops a process by SIGSTOP; resolves when no thread of it runs any more, which is a little later where processors are busy. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const threads = (): string[] => readdirSync(`/proc/${pid}/task`);
  const stateOf = (thread: string): string =>
    /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1] ?? '';
  await eventually(
    () => threads().map(stateOf),
    (states) => states.every((state) => state === 'T'),
  );
}
