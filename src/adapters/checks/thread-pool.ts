/**
 * Who may lose how many of the threads that Node.js has for calls that block. Its own number, 4, is used up by four
 * file systems that hang; what is left here is enough for everything else.
 */
import { Lanes } from './lanes.ts';

/** Half of them at most wait for names: Node.js keeps it so. */
const THREADS = 32;
const FILE_READS = 8;
const DEVICE_READS = 4;

/** Node.js reads it when the first thread is needed, and no more after that. */
const VARIABLE = 'UV_THREADPOOL_SIZE';

/** Files that users name, which may be on a file system that hangs; by directory. */
export const fileReads = new Lanes(FILE_READS);

/** What the kernel tells of devices, which it may hold up as long as one hangs; by device. */
export const deviceReads = (): Lanes => new Lanes(DEVICE_READS);

/** To be called before any file is read but at once. @param environment of this process */
export function provideThreads(environment: NodeJS.ProcessEnv): void {
  environment[VARIABLE] = String(Math.max(THREADS, Number(environment[VARIABLE]) || 0));
}
