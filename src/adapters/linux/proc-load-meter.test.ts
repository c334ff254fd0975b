import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcLoadMeter } from './proc-load-meter.ts';

let proc: string;

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'vippool-proc-'));
});

afterEach(() => rmSync(proc, { recursive: true }));

const write = (cpu: string, available = 400): void => {
  writeFileSync(join(proc, 'stat'), `${cpu}\ncpu0 1 2 3 4 5 6 7 8 0 0\nintr 5\n`);
  writeFileSync(
    join(proc, 'meminfo'),
    `MemTotal:        1000 kB\nMemFree:          10 kB\nMemAvailable:     ${available} kB\n`,
  );
};

it('tells what was used since the last sample, of which the first is none', async () => {
  const meter = new ProcLoadMeter(proc);
  write('cpu  100 0 100 700 100 0 0 0 50 0');
  expect(await meter.sample()).toBeUndefined();
  // 30 of 100 ticks: user, system, softirq and steal; idle and iowait are not used, and guests are in user.
  write('cpu  110 0 110 760 110 0 5 5 60 0', 250);
  expect(await meter.sample()).toEqual({ processorPercent: 30, memoryPercent: 75 });
});

it('tells nothing where no time has passed, and goes on', async () => {
  const meter = new ProcLoadMeter(proc);
  write('cpu  1 0 0 9 0 0 0 0');
  await meter.sample();
  expect(await meter.sample()).toBeUndefined();
  write('cpu  2 0 0 18 0 0 0 0');
  expect(await meter.sample()).toEqual({ processorPercent: 10, memoryPercent: 60 });
});

it.each(['', 'cpu  x y z', 'cpu  1 2 3', 'intr 1'])('tells nothing where the kernel says "%s"', async (line) => {
  const meter = new ProcLoadMeter(proc);
  write(line);
  await meter.sample();
  expect(await meter.sample()).toBeUndefined();
});

it('tells nothing where there is no procfs', async () => {
  expect(await new ProcLoadMeter(join(proc, 'missing')).sample()).toBeUndefined();
});

it('reads that of this host', async () => {
  const meter = new ProcLoadMeter();
  await meter.sample();
  const until = process.cpuUsage().user + 30_000;
  while (process.cpuUsage().user < until);
  const load = await meter.sample();
  expect(load?.processorPercent).toBeGreaterThan(0);
  expect(load?.memoryPercent).toBeGreaterThan(0);
});
