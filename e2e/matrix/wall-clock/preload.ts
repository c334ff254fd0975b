/**
 * Loaded into a process before its program (`node --import`): makes its wall clock one that can be stepped. No namespace
 * has a wall clock of its own, and the machine's is not ours to set; but a Node process knows it through Date alone, and
 * everything else that it counts by (timers, deadlines in the kernel) is the monotonic clock, which nobody can step.
 * The offset in milliseconds is read from a file, now and at each SIGUSR2.
 */
import { readFileSync } from 'node:fs';
import { OFFSET_FILE } from './offset-file.ts';

const file = process.env[OFFSET_FILE] ?? '';
const RealDate = Date;
let offsetMs = 0;

const read = (): void => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8'));
  } catch {
    offsetMs = 0;
  }
};

const now = (): number => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  // As a function Date gives the time as text.
  apply: () => new RealDate(now()).toString(),
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
});

read();
process.on('SIGUSR2', read);
