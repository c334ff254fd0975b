/** What every command of this folder does first, outside of the namespaces: programs, images, leftovers of killed runs. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { enterIsolation } from '../lib/isolation.ts';
import { sweepCgroups } from './cgroup.ts';
import { type Image, makeImages } from './images.ts';
import { installTools } from './tools.ts';

/** Inside: the images, as the outside made them. */
const IMAGES = 'VIPPOOL_CLUSTER_IMAGES';
const SWEEP_FOR_MS = 5_000;
const SWEEP_EVERY_MS = 100;

const ROOT = resolve(import.meta.dirname, '../..');

/** Of package.json, which is that of the chart. */
export const productVersion = (): string =>
  (JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** Returns inside of an isolation. @throws Error that says what this machine lacks. */
export async function begin(): Promise<readonly Image[]> {
  const given = process.env[IMAGES];
  if (given !== undefined) {
    await enterIsolation();
    return JSON.parse(given) as readonly Image[];
  }
  await installTools();
  process.env[IMAGES] = JSON.stringify(await makeImages(productVersion()));
  sweepUntilClean();
  process.once('exit', sweepUntilClean);
  await enterIsolation();
  throw new Error('unreachable: outside of the isolation the process ends with it');
}

/** Whether somebody else's lab lives: ours does not any more. @param pid of the process that holds its namespaces. */
function isLab(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^Name:\tunshare$/m.test(status) && !status.includes(`\nPPid:\t${process.pid}\n`);
  } catch {
    return false;
  }
}

/** The kernel is still ending the processes of the lab. */
function sweepUntilClean(): void {
  const end = performance.now() + SWEEP_FOR_MS;
  while (!sweepCgroups(isLab) && performance.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SWEEP_EVERY_MS);
  }
}
