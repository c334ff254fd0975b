import { readFile } from 'node:fs/promises';
import type { HostLoad } from '../../core/messages.ts';
import type { LoadMeter } from '../../ports/load-meter.ts';

interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

/** Of the whole host, also from inside a container. Reads in threads: a host with many processors takes its time. */
export class ProcLoadMeter implements LoadMeter {
  readonly #proc: string;
  #before: ProcessorTimes | undefined;

  /** @param proc where procfs is mounted */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  async sample(): Promise<HostLoad | undefined> {
    try {
      const read = (name: string): Promise<string> => readFile(`${this.#proc}/${name}`, 'utf8');
      const [stat, meminfo] = await Promise.all([read('stat'), read('meminfo')]);
      const [now, memoryPercent] = [processorTimes(stat), usedMemoryPercent(meminfo)];
      const before = this.#before;
      this.#before = now;
      if (!now || !before || memoryPercent === undefined || now.all <= before.all) return undefined;
      const processorPercent = bounded((100 * (now.busy - before.busy)) / (now.all - before.all));
      return { processorPercent, memoryPercent };
    } catch {
      return undefined;
    }
  }
}

/** "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ...", in ticks since the start; guests are part of USER. */
export function processorTimes(stat: string): ProcessorTimes | undefined {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').slice(0, 8).map(Number);
  if (!ticks || ticks.length < 4 || ticks.some((value) => !Number.isFinite(value))) return undefined;
  const all = ticks.reduce((sum, value) => sum + value, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}

export function usedMemoryPercent(meminfo: string): number | undefined {
  const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]);
  const used = bounded(100 * (1 - kib('MemAvailable') / kib('MemTotal')));
  return Number.isNaN(used) ? undefined : used;
}

const bounded = (percent: number): number => Math.min(100, Math.max(0, percent));
